#include "proxy-bridge/bind.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <string_view>
#include <utility>

namespace haguard::proxy {
namespace {

/// What stands before the "@" of an address.
struct Prefix {
  std::string_view text;
  BindKind kind;
  bool datagram = false;
  bool ipv6 = false;
};

/// Manual, section 11.1; "abnsz", "mptcp" and "rhttp" are of later versions.
constexpr std::array kPrefixes{Prefix{"ip", BindKind::Ip},
                               Prefix{"ipv4", BindKind::Ip},
                               Prefix{"tcp", BindKind::Ip},
                               Prefix{"tcp4", BindKind::Ip},
                               Prefix{"mptcp", BindKind::Ip},
                               Prefix{"mptcp4", BindKind::Ip},
                               Prefix{"udp", BindKind::Ip, true},
                               Prefix{"udp4", BindKind::Ip, true},
                               Prefix{"quic4", BindKind::Ip, true},
                               Prefix{"ipv6", BindKind::Ip, false, true},
                               Prefix{"tcp6", BindKind::Ip, false, true},
                               Prefix{"mptcp6", BindKind::Ip, false, true},
                               Prefix{"udp6", BindKind::Ip, true, true},
                               Prefix{"quic6", BindKind::Ip, true, true},
                               Prefix{"unix", BindKind::Path},
                               Prefix{"uxst", BindKind::Path},
                               Prefix{"uxdg", BindKind::Path, true},
                               Prefix{"abns", BindKind::Path},
                               Prefix{"abnsz", BindKind::Path},
                               Prefix{"fd", BindKind::Fd},
                               Prefix{"sockpair", BindKind::Fd}};

/// Parameters followed by a value, which could look like another parameter: "name ssl".
constexpr std::array<std::string_view, 49> kWithValue{"accept-netscaler-cip",
                                                      "alpn",
                                                      "backlog",
                                                      "ca-file",
                                                      "ca-ignore-err",
                                                      "ca-sign-file",
                                                      "ca-sign-pass",
                                                      "ca-verify-file",
                                                      "cc",
                                                      "ciphers",
                                                      "ciphersuites",
                                                      "client-sigalgs",
                                                      "crl-file",
                                                      "crt",
                                                      "crt-ignore-err",
                                                      "crt-list",
                                                      "curves",
                                                      "default-crt",
                                                      "ecdhe",
                                                      "expose-fd",
                                                      "gid",
                                                      "group",
                                                      "guid-prefix",
                                                      "id",
                                                      "idle-ping",
                                                      "label",
                                                      "level",
                                                      "maxconn",
                                                      "mode",
                                                      "mss",
                                                      "name",
                                                      "nbconn",
                                                      "nice",
                                                      "npn",
                                                      "process",
                                                      "proto",
                                                      "quic-cc-algo",
                                                      "quic-socket",
                                                      "severity-output",
                                                      "shards",
                                                      "sigalgs",
                                                      "ssl-max-ver",
                                                      "ssl-min-ver",
                                                      "tcp-ut",
                                                      "thread",
                                                      "tls-ticket-keys",
                                                      "uid",
                                                      "user",
                                                      "verify"};

std::uint16_t port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && stop == text.data() + text.size() ? port : std::uint16_t{0};
}

void read_ports(std::string_view text, Bind& bind) {
  const auto dash = text.find('-');
  bind.first_port = port_of(text.substr(0, dash));
  bind.last_port =
      dash == std::string_view::npos ? bind.first_port : port_of(text.substr(dash + 1));
  if (bind.first_port == 0 || bind.last_port < bind.first_port) {
    bind.first_port = bind.last_port = 0;
  }
}

/// The port is behind the last colon, also of an IPv6 address without brackets.
void read_host_and_ports(std::string_view text, Bind& bind) {
  const auto colon = text.rfind(':');
  std::string_view host = text.substr(0, colon);
  if (colon != std::string_view::npos) {
    read_ports(text.substr(colon + 1), bind);
  }
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  bind.host = host;
  bind.ipv6 = bind.ipv6 || host.find(':') != std::string_view::npos;
}

bool drop_prefix(std::string_view& text, std::string_view prefix) {
  const bool found = text.starts_with(prefix);
  text.remove_prefix(found ? prefix.size() : 0);
  return found;
}

/// Takes "quic4@" and the like off the text.
void read_prefix(std::string_view& text, Bind& bind) {
  if (text.starts_with('/')) {
    bind.kind = BindKind::Path;
    return;
  }
  drop_prefix(text, "stream+");
  bind.datagram = drop_prefix(text, "dgram+");
  const auto at = text.find('@');
  if (at == std::string_view::npos) {
    return;
  }
  const auto* known = std::ranges::find(kPrefixes, text.substr(0, at), &Prefix::text);
  if (known == kPrefixes.end()) {
    bind.kind = BindKind::Unknown;
    return;
  }
  bind.kind = known->kind;
  bind.ipv6 = known->ipv6;
  bind.datagram = bind.datagram || known->datagram;
  text.remove_prefix(at + 1);
}

void read_address(std::string_view text, Bind& bind) {
  bind.text = text;
  read_prefix(text, bind);
  if (bind.kind == BindKind::Ip) {
    read_host_and_ports(text, bind);
  }
}

void read_parameters(std::span<const Word> words, Bind& bind) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i].text;
    bind.ssl = bind.ssl || word == "ssl";
    bind.accept_proxy = bind.accept_proxy || word == "accept-proxy";
    bind.transparent = bind.transparent || word == "transparent";
    bind.v6only = bind.v6only || word == "v6only";
    bind.v4v6 = bind.v4v6 || word == "v4v6";
    if ((word == "interface" || word == "namespace") && i + 1 < words.size()) {
      (word == "interface" ? bind.interface : bind.name_space) = words[++i].text;
    } else if (std::ranges::find(kWithValue, word) != kWithValue.end()) {
      ++i;
    }
  }
}

}  // namespace

std::optional<vrrp::IpAddress> Bind::address() const {
  if (kind != BindKind::Ip || unresolved) {
    return std::nullopt;
  }
  const auto address = vrrp::IpAddress::parse(host);
  return address && !address->is_unspecified() ? address : std::nullopt;
}

bool Bind::is_wildcard(vrrp::Family family) const {
  if (kind != BindKind::Ip || unresolved) {
    return false;
  }
  const auto written = vrrp::IpAddress::parse(host);
  if (!host.empty() && host != "*" && !(written && written->is_unspecified())) {
    return false;
  }
  // A socket on "::" takes IPv4 as well, unless told otherwise.
  return family == vrrp::Family::Ipv6 ? ipv6 : !ipv6 || !v6only;
}

std::vector<Bind> parse_bind(std::span<const Word> arguments) {
  std::vector<Bind> result;
  if (arguments.empty()) {
    return result;
  }
  Bind common;
  common.unresolved = arguments[0].unresolved;
  read_parameters(arguments.subspan(1), common);
  std::string_view rest = arguments[0].text;
  for (;;) {
    const auto comma = rest.find(',');
    Bind& bind = result.emplace_back(common);
    read_address(rest.substr(0, comma), bind);
    if (comma == std::string_view::npos) {
      return result;
    }
    rest.remove_prefix(comma + 1);
  }
}

}  // namespace haguard::proxy
