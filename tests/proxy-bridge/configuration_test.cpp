// Grammar: HAProxy's configuration manual, sections 2.1, 2.4, 4, 4.2 "bind" and 11.1.

#include "proxy-bridge/configuration.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace haguard::proxy {
namespace {

Configuration parsed(const std::string& text) {
  return parse_configuration({{"a.cfg", text}});
}

std::vector<std::string> names(const Configuration& configuration) {
  std::vector<std::string> result;
  for (const ProxySection& proxy : configuration.proxies) {
    result.push_back(proxy.name);
  }
  return result;
}

const ProxySection& proxy(const Configuration& configuration, const std::string& name) {
  const auto found = std::ranges::find(configuration.proxies, name, &ProxySection::name);
  EXPECT_NE(found, configuration.proxies.end()) << name;
  static const ProxySection kNothing;
  return found == configuration.proxies.end() ? kNothing : *found;
}

std::vector<Bind> binds(const std::string& arguments) {
  return parsed("frontend fe\n bind " + arguments).proxies.at(0).binds;
}

Bind only_bind(const std::string& arguments) {
  const auto found = binds(arguments);
  EXPECT_EQ(found.size(), 1U) << arguments;
  return found.empty() ? Bind{} : found[0];
}

vrrp::IpAddress ip(const char* text) {
  return vrrp::IpAddress::parse(text).value();
}

constexpr auto kIpv4 = vrrp::Family::Ipv4;
constexpr auto kIpv6 = vrrp::Family::Ipv6;

TEST(Configuration, SectionsAreWhereTheyStand) {
  const auto found = parsed(
      "global#this is the global section\n"
      "daemon#daemonize\n"
      "    frontend         foo\n"
      "mode             http   # or tcp\n"
      "backend bar\n"
      " server a 10.0.0.1:80\n"
      " server b 10.0.0.2:80 check\n"
      "listen both\n");
  EXPECT_TRUE(found.daemon);
  ASSERT_EQ(names(found), (std::vector<std::string>{"foo", "bar", "both"}));
  EXPECT_EQ(found.proxies[0].kind, ProxyKind::Frontend);
  EXPECT_EQ(found.proxies[0].line, 3U);
  EXPECT_EQ(found.proxies[0].file, "a.cfg");
  EXPECT_EQ(found.proxies[0].mode, "http");
  EXPECT_EQ(found.proxies[1].kind, ProxyKind::Backend);
  EXPECT_EQ(found.proxies[1].servers, 2U);
  EXPECT_TRUE(found.proxies[2].is_frontend());
  EXPECT_TRUE(found.proxies[2].is_backend());
  EXPECT_TRUE(found.complete);
}

TEST(Configuration, ModeComesFromTheDefaultsBefore) {
  const auto found = parsed(
      "frontend early\n"
      "defaults\n mode http\n monitor-uri /up\n"
      "frontend web\n"
      "frontend raw\n mode tcp\n monitor-uri /other\n"
      "defaults\n"
      "frontend late\n");
  EXPECT_EQ(proxy(found, "early").mode, "tcp");
  EXPECT_EQ(proxy(found, "web").mode, "http");
  EXPECT_EQ(proxy(found, "web").monitor_uri, "/up");
  EXPECT_EQ(proxy(found, "raw").mode, "tcp");
  EXPECT_EQ(proxy(found, "raw").monitor_uri, "/other");
  EXPECT_EQ(proxy(found, "late").mode, "tcp");
  EXPECT_EQ(proxy(found, "late").monitor_uri, "");
}

TEST(Configuration, ModeComesFromNamedDefaults) {
  const auto found = parsed(
      "defaults web\n mode http\n"
      "defaults probed from web\n monitor-uri /up\n"
      "defaults raw\n mode tcp\n"
      "frontend a from probed\n"
      "frontend b\n");
  EXPECT_EQ(proxy(found, "a").mode, "http");
  EXPECT_EQ(proxy(found, "a").monitor_uri, "/up");
  EXPECT_EQ(proxy(found, "b").mode, "tcp");
}

TEST(Configuration, DefaultsHoldForLaterFilesAndSectionsDoNot) {
  const auto found = parse_configuration(
      {{"a.cfg", "defaults\n mode http\nfrontend a\n"}, {"b.cfg", " bind :80\nfrontend b\n"}});
  EXPECT_TRUE(proxy(found, "a").binds.empty());
  EXPECT_EQ(proxy(found, "b").mode, "http");
  EXPECT_EQ(proxy(found, "b").file, "b.cfg");
  EXPECT_EQ(proxy(found, "b").line, 2U);
}

TEST(Configuration, OtherSectionsEndAProxy) {
  for (const char* const section : {"peers", "log-forward", "resolvers", "userlist", "program",
                                    "ring", "cache", "mailers", "http-errors", "global"}) {
    const auto found =
        parsed("frontend fe\n bind :80\n" + std::string(section) + " x\n bind :81\n");
    EXPECT_EQ(found.proxies.at(0).binds.size(), 1U) << section;
  }
}

TEST(Configuration, StatsOfTheGlobalSection) {
  const auto found = parsed(
      "global\n"
      " stats socket /run/haproxy/admin.sock mode 660 level admin\n"
      " stats socket ipv4@127.0.0.1:9999 maxconn 7\n"
      " stats maxconn 64\n"
      "frontend fe\n stats maxconn 3\n");
  ASSERT_EQ(found.stats_sockets.size(), 2U);
  EXPECT_EQ(found.stats_sockets[0].address, "/run/haproxy/admin.sock");
  EXPECT_EQ(found.stats_sockets[0].level, "admin");
  EXPECT_EQ(found.stats_sockets[0].line, 2U);
  EXPECT_EQ(found.stats_sockets[1].level, "operator");  // manual 9.3 of the management guide
  EXPECT_EQ(found.stats_sockets[1].maxconn, 7U);
  EXPECT_EQ(found.stats_maxconn, 64U);
  EXPECT_EQ(found.stats_maxconn_line, 4U);
  EXPECT_FALSE(found.daemon);
}

TEST(Configuration, StatsMaxconnIsTenUnlessSet) {
  EXPECT_EQ(parsed("global\n").stats_maxconn, 10U);
  EXPECT_EQ(parsed("global\n").stats_maxconn_line, 0U);
}

TEST(Configuration, ServersOfTemplatesCount) {
  const auto found = parsed(
      "backend a\n server-template srv 3 example.org:80\n server one 10.0.0.1:80\n"
      "backend b\n server-template srv 1-5 example.org:80\n"
      "backend c\n server-template srv x example.org\n");
  EXPECT_EQ(proxy(found, "a").servers, 4U);
  EXPECT_TRUE(proxy(found, "a").has_template);
  EXPECT_EQ(proxy(found, "b").servers, 5U);
  EXPECT_EQ(proxy(found, "c").servers, 0U);
  EXPECT_TRUE(proxy(found, "c").has_template);
}

/// The example of 2.4.
TEST(Configuration, AllBranchesAreReadAndMarked) {
  const auto found = parsed(
      ".if defined(HAPROXY_MWORKER)\n"
      "    listen mwcli_px\n"
      "       bind :1111\n"
      ".endif\n"
      "frontend fe\n"
      ".if strneq(\"$SSL_ONLY\",yes)\n"
      "       bind :80\n"
      ".elif feature(OPENSSL) # and more\n"
      "   .if version_atleast(2.4)\n"
      "       bind :443\n"
      "   .endif\n"
      "       bind :444\n"
      ".else\n"
      "       bind :81\n"
      ".endif\n"
      " bind :8080\n");
  EXPECT_TRUE(proxy(found, "mwcli_px").conditional);
  EXPECT_TRUE(proxy(found, "mwcli_px").binds.at(0).conditional);
  const ProxySection& fe = proxy(found, "fe");
  EXPECT_FALSE(fe.conditional);
  std::vector<std::pair<unsigned, bool>> ports;
  for (const Bind& one : fe.binds) {
    ports.emplace_back(one.first_port, one.conditional);
  }
  EXPECT_EQ(ports, (std::vector<std::pair<unsigned, bool>>{
                       {80, true}, {443, true}, {444, true}, {81, true}, {8080, false}}));
}

TEST(Configuration, DisabledProxiesAreKnown) {
  const auto found = parsed(
      "frontend a\n disabled\ndefaults\n disabled\nfrontend b\n"
      "frontend c\n enabled\n");
  EXPECT_TRUE(proxy(found, "a").disabled);
  EXPECT_TRUE(proxy(found, "b").disabled);
  EXPECT_FALSE(proxy(found, "c").disabled);
}

TEST(Configuration, ANameWithAVariableIsUnresolved) {
  const auto found = parsed("frontend \"fe_$SITE\"\n bind \"${ADDRESS}:80\"\n");
  EXPECT_TRUE(found.proxies.at(0).unresolved);
  const Bind& only = found.proxies.at(0).binds.at(0);
  EXPECT_TRUE(only.unresolved);
  EXPECT_EQ(only.text, "${ADDRESS}:80");
  EXPECT_EQ(only.address(), std::nullopt);
  EXPECT_FALSE(only.is_wildcard(kIpv4));
}

TEST(ConfigurationBind, WildcardsOfIpv4) {
  for (const char* const text : {":80", "*:80", "0.0.0.0:80", "ipv4@:80", "ipv4@*:80"}) {
    const Bind found = only_bind(text);
    EXPECT_TRUE(found.is_wildcard(kIpv4)) << text;
    EXPECT_FALSE(found.is_wildcard(kIpv6)) << text;
    EXPECT_EQ(found.first_port, 80) << text;
    EXPECT_EQ(found.address(), std::nullopt) << text;
  }
}

TEST(ConfigurationBind, WildcardsOfIpv6TakeIpv4Too) {
  for (const char* const text : {"[::]:80", ":::80", "ipv6@:80", "ipv6@*:80", "tcp6@:::80"}) {
    EXPECT_TRUE(only_bind(text).is_wildcard(kIpv6)) << text;
    EXPECT_TRUE(only_bind(text).is_wildcard(kIpv4)) << text;
    EXPECT_FALSE(only_bind(std::string(text) + " v6only").is_wildcard(kIpv4)) << text;
    EXPECT_EQ(only_bind(text).first_port, 80) << text;
  }
}

TEST(ConfigurationBind, Addresses) {
  EXPECT_EQ(only_bind("10.0.0.1:80").address(), ip("10.0.0.1"));
  EXPECT_EQ(only_bind("ipv4@10.0.0.1:80").address(), ip("10.0.0.1"));
  EXPECT_EQ(only_bind("[2001:db8::1]:443").address(), ip("2001:db8::1"));
  EXPECT_EQ(only_bind("2001:db8::1:443").address(), ip("2001:db8::1"));
  EXPECT_EQ(only_bind("2001:db8::1:443").first_port, 443);
  EXPECT_EQ(only_bind("localhost:80").host, "localhost");
  EXPECT_EQ(only_bind("localhost:80").address(), std::nullopt);
  EXPECT_FALSE(only_bind("localhost:80").is_wildcard(kIpv4));
}

TEST(ConfigurationBind, AListIsSeveral) {
  const auto found = binds("10.0.0.1:10080,10.0.0.2:10443 ssl crt /a.pem");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].text, "10.0.0.1:10080");
  EXPECT_EQ(found[1].address(), ip("10.0.0.2"));
  EXPECT_EQ(found[1].first_port, 10443);
  EXPECT_TRUE(found[0].ssl && found[1].ssl);
}

TEST(ConfigurationBind, PortRanges) {
  EXPECT_EQ(only_bind(":2000-2100").first_port, 2000);
  EXPECT_EQ(only_bind(":2000-2100").last_port, 2100);
  for (const char* const wrong : {":", ":http", ":70000", ":90-80", ":80-", "10.0.0.1"}) {
    EXPECT_EQ(only_bind(wrong).first_port, 0) << wrong;
    EXPECT_EQ(only_bind(wrong).last_port, 0) << wrong;
  }
}

TEST(ConfigurationBind, OtherFamilies) {
  EXPECT_EQ(only_bind("/var/run/ssl-frontend.sock user root mode 600").kind, BindKind::Path);
  EXPECT_EQ(only_bind("unix@web.sock").kind, BindKind::Path);
  EXPECT_EQ(only_bind("abns@web").kind, BindKind::Path);
  EXPECT_EQ(only_bind("fd@3").kind, BindKind::Fd);
  EXPECT_EQ(only_bind("sockpair@3").kind, BindKind::Fd);
  EXPECT_EQ(only_bind("later@thing").kind, BindKind::Unknown);
  EXPECT_FALSE(only_bind("unix@").is_wildcard(kIpv4));
  EXPECT_TRUE(only_bind("quic4@:443").datagram);
  EXPECT_EQ(only_bind("quic6@[2001:db8::1]:443").address(), ip("2001:db8::1"));
  EXPECT_FALSE(only_bind("stream+ipv4@:80").datagram);
  EXPECT_TRUE(only_bind("stream+ipv4@:80").is_wildcard(kIpv4));
}

TEST(ConfigurationBind, Parameters) {
  const Bind found = only_bind(":80 interface etx2 namespace blue accept-proxy transparent");
  EXPECT_EQ(found.interface, "etx2");
  EXPECT_EQ(found.name_space, "blue");
  EXPECT_TRUE(found.accept_proxy);
  EXPECT_TRUE(found.transparent);
  EXPECT_FALSE(found.ssl);
}

TEST(ConfigurationBind, ValuesAreNoParameters) {
  const Bind found = only_bind(":80 name ssl crt transparent");
  EXPECT_FALSE(found.ssl);
  EXPECT_FALSE(found.transparent);
}

TEST(ConfigurationBind, FamiliesOfAWildcard) {
  EXPECT_TRUE(only_bind(":::80 v4v6").v4v6);
  EXPECT_FALSE(only_bind(":::80").v4v6);
}

TEST(ConfigurationGlobal, WhereStatsSocketsListen) {
  const Configuration found = parsed(
      "global\n stats socket ipv4@127.0.0.1:9999 level admin\n"
      " .if defined(X)\n stats socket /run/s interface lo\n .endif\n");
  ASSERT_EQ(found.stats_sockets.size(), 2U);
  ASSERT_EQ(found.stats_sockets[0].binds.size(), 1U);
  const Bind& address = found.stats_sockets[0].binds[0];
  EXPECT_EQ(address.first_port, 9999);
  EXPECT_EQ(address.line, 2U);
  EXPECT_FALSE(address.conditional);
  const Bind& path = found.stats_sockets[1].binds[0];
  EXPECT_EQ(path.kind, BindKind::Path);
  EXPECT_EQ(path.interface, "lo");
  EXPECT_TRUE(path.conditional);
}

TEST(ConfigurationGlobal, HowSocketsAreMade) {
  const Configuration plain = parsed("global\n unix-bind mode 600\n");
  EXPECT_FALSE(plain.noreuseport);
  EXPECT_EQ(plain.unix_prefix, "");
  const Configuration found =
      parsed("global\n noreuseport\n unix-bind user root prefix /run/h/ mode 600\n");
  EXPECT_TRUE(found.noreuseport);
  EXPECT_EQ(found.unix_prefix, "/run/h/");
}

}  // namespace
}  // namespace haguard::proxy
