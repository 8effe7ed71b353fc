// Would HAProxy get its listeners? Errors are those of bind(2), ip(7), ipv6(7) and socket(7); the
// network namespace is the one of real_haproxy_test.cpp: its loopback has 127.0.0.1/8 and ::1.

#include "proxy-bridge/bind_trial.h"

#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "proxy-bridge/configuration.h"

namespace haguard::proxy {
namespace {

using Texts = std::vector<std::string>;

constexpr uid_t kNobody = 65534;

/// Somebody's listener on 127.0.0.1, at a port that the kernel chooses.
class Listener {
 public:
  explicit Listener(std::initializer_list<int> options = {}, int type = SOCK_STREAM,
                    uid_t user = 0) {
    ::syscall(SYS_setfsuid, user);
    descriptor_ = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
    ::syscall(SYS_setfsuid, 0);
    const int on = 1;
    for (const int option : options) {
      EXPECT_EQ(::setsockopt(descriptor_, SOL_SOCKET, option, &on, sizeof on), 0);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(descriptor_, any, size), 0);
    EXPECT_TRUE(type != SOCK_STREAM || ::listen(descriptor_, 1) == 0);
    EXPECT_EQ(::getsockname(descriptor_, any, &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~Listener() { ::close(descriptor_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  [[nodiscard]] unsigned port() const { return port_; }

 private:
  int descriptor_ = -1;
  unsigned port_ = 0;
};

BindsTried tried(const std::string& text, const SocketManners& manners = {}) {
  return try_binds(parse_configuration({{"/a.cfg", text}}), manners);
}

BindsTried tried_bind(const std::string& arguments, const SocketManners& manners = {}) {
  return tried("frontend f\n  bind " + arguments + "\n", manners);
}

void expect_free(const BindsTried& result) {
  EXPECT_EQ(result.obstacles, Texts{});
  EXPECT_EQ(result.tried, 1U);
  EXPECT_EQ(result.unknown, 0U);
}

void expect_unknown(const BindsTried& result) {
  EXPECT_EQ(result.obstacles, Texts{});
  EXPECT_EQ(result.tried, 0U);
  EXPECT_EQ(result.unknown, 1U);
}

TEST(BindTrial, FreeAddresses) {
  expect_free(tried_bind("127.0.0.1:80"));
  expect_free(tried_bind("*:80"));
  expect_free(tried_bind(":80"));
  expect_free(tried_bind("[::1]:80"));
  expect_free(tried_bind(":::80"));
  expect_free(tried_bind(":::80 v4v6"));
  expect_free(tried_bind(":::80 v6only"));
  expect_free(tried_bind("quic4@127.0.0.1:443"));
  expect_free(tried_bind("127.0.0.1:80 interface lo"));
}

TEST(BindTrial, TwentyBinds) {
  std::string text = "frontend f\n";
  for (int i = 1; i <= 20; ++i) {
    text += fmt::format("  bind 127.0.0.{}:80\n", i);
  }
  const BindsTried result = tried(text);
  EXPECT_EQ(result.obstacles, Texts{});
  EXPECT_EQ(result.tried, 20U);
}

TEST(BindTrial, APortThatIsTaken) {
  const Listener other({SO_REUSEADDR});
  const std::string address = fmt::format("127.0.0.1:{}", other.port());
  EXPECT_EQ(tried("global\n\nlisten l\n  bind " + address + "\n").obstacles,
            Texts{"bind " + address + " (/a.cfg:4): address already in use"});
  const std::string all = fmt::format("*:{}", other.port());
  EXPECT_EQ(tried_bind(all).obstacles,
            Texts{"bind " + all + " (/a.cfg:2): address already in use"});
}

TEST(BindTrial, APortOfARange) {
  const Listener other;
  const unsigned port = other.port();
  const std::string range = fmt::format("127.0.0.1:{}-{}", port, port + 1);
  EXPECT_EQ(tried_bind(range).obstacles,
            Texts{fmt::format("bind {} (/a.cfg:2): port {}: address already in use", range, port)});
}

TEST(BindTrial, APortThatIsSharedIsFree) {
  const Listener own({SO_REUSEADDR, SO_REUSEPORT});
  expect_free(tried_bind(fmt::format("127.0.0.1:{}", own.port())));
}

TEST(BindTrial, APortIsSharedAmongSocketsOfOneUser) {
  const Listener own({SO_REUSEADDR, SO_REUSEPORT}, SOCK_STREAM, kNobody);
  const std::string address = fmt::format("127.0.0.1:{}", own.port());
  expect_free(tried_bind(address, {.user = kNobody}));
  EXPECT_EQ(tried_bind(address).obstacles.size(), 1U);
}

TEST(BindTrial, WhereNothingIsSharedATakenPortMayBeItsOwn) {
  const Listener own({SO_REUSEADDR});
  expect_unknown(tried_bind(fmt::format("127.0.0.1:{}", own.port()), {.reuse_port = false}));
}

TEST(BindTrial, DatagramsAreNeverTakenFromWhoHasThePort) {
  const Listener own({SO_REUSEADDR, SO_REUSEPORT}, SOCK_DGRAM);
  expect_unknown(tried_bind(fmt::format("quic4@127.0.0.1:{}", own.port())));
}

TEST(BindTrial, AnAddressThatNoInterfaceHas) {
  EXPECT_EQ(
      tried_bind("192.0.2.10:80").obstacles,
      Texts{"bind 192.0.2.10:80 (/a.cfg:2): no interface has this address; \"transparent\" or "
            "net.ipv4.ip_nonlocal_bind=1 would allow it"});
  EXPECT_EQ(tried_bind("[2001:db8::10]:80").obstacles,
            Texts{"bind [2001:db8::10]:80 (/a.cfg:2): no interface has this address; "
                  "\"transparent\" or net.ipv6.ip_nonlocal_bind=1 would allow it"});
  expect_free(tried_bind("192.0.2.10:80 transparent"));
  expect_free(tried_bind("[2001:db8::10]:80 transparent"));
}

TEST(BindTrial, AnAddressThatHasGoneFromARunningListener) {
  ASSERT_EQ(std::system("ip address add 192.0.2.20/32 dev lo"), 0);
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(8088);
  address.sin_addr.s_addr = htonl(0xc0000214);
  ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  ASSERT_EQ(std::system("ip address delete 192.0.2.20/32 dev lo"), 0);
  expect_free(tried_bind("192.0.2.20:8088"));
  EXPECT_EQ(tried_bind("192.0.2.20:8089").obstacles.size(), 1U) << "nobody listens there";
  ::close(listener);
  EXPECT_EQ(tried_bind("192.0.2.20:8088").obstacles.size(), 1U);
}

TEST(BindTrial, AnInterfaceThatIsNotThere) {
  EXPECT_EQ(tried_bind("*:80 interface none0").obstacles,
            Texts{"bind *:80 (/a.cfg:2): no interface \"none0\""});
}

TEST(BindTrial, WhatOnlyHaproxyCanJudge) {
  for (const char* const arguments :
       {"name.example:80", "127.0.0.1:$PORT", "\"127.0.0.1:${PORT}\"", "fd@3", "abns@name",
        "127.0.0.1:80 namespace blue", "odd@127.0.0.1:80", "unix@relative.sock", "127.0.0.1",
        "ipv6@127.0.0.1:80", "127.0.0.1:1-65535"}) {
    SCOPED_TRACE(arguments);
    expect_unknown(tried_bind(arguments));
  }
  expect_unknown(tried(".if defined(X)\nfrontend f\n  bind 192.0.2.10:80\n.endif\n"));
  expect_unknown(tried("frontend f\n  .if defined(X)\n  bind 192.0.2.10:80\n  .endif\n"));
  expect_unknown(tried("frontend f\n  disabled\n  bind 192.0.2.10:80\n"));
  expect_unknown(tried("backend b\n  bind 192.0.2.10:80\n"));
}

TEST(BindTrial, ThereIsALimitOfTries) {
  const BindsTried result =
      tried("frontend f\n bind 127.0.0.1:1000-4999\n bind 127.0.0.2:1000-1999\n bind *:80\n");
  EXPECT_EQ(result.tried, 2U);
  EXPECT_EQ(result.unknown, 1U);
}

TEST(BindTrial, TheDirectoryOfAUnixSocket) {
  expect_free(tried_bind("/tmp/haguard.sock"));
  expect_free(tried_bind("unix@/tmp/haguard.sock mode 600"));
  EXPECT_FALSE(std::filesystem::exists("/tmp/haguard.sock"));
  EXPECT_EQ(tried_bind("unix@/none/a.sock").obstacles,
            Texts{"bind unix@/none/a.sock (/a.cfg:2): no directory \"/none\""});
  EXPECT_EQ(tried_bind("/dev/null/a.sock").obstacles,
            Texts{"bind /dev/null/a.sock (/a.cfg:2): \"/dev/null\" is no directory"});
}

/// Configuration manual, 3.1: the prefix is for `bind`, not for `stats socket`.
TEST(BindTrial, APrefixOfUnixSockets) {
  const std::string prefix = "global\n unix-bind mode 600 prefix /none/\n";
  EXPECT_EQ(tried(prefix + "listen l\n bind unix@a.sock\n").obstacles,
            Texts{"bind unix@a.sock (/a.cfg:4): no directory \"/none\""});
  expect_free(tried(prefix + " stats socket /tmp/haguard.sock level admin\n"));
}

TEST(BindTrial, StatsSockets) {
  EXPECT_EQ(tried("global\n stats socket /none/s level admin\n stats socket ipv4@192.0.2.10:9\n")
                .obstacles.size(),
            2U);
  expect_unknown(tried("global\n .if defined(X)\n stats socket /none/s\n .endif\n"));
}

}  // namespace
}  // namespace haguard::proxy
