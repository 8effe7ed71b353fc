#include "conf/url.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

namespace haguard::conf {
namespace {

constexpr std::size_t kLongestUrl = 2048;
constexpr std::string_view kExpected = "a URL such as \"http://127.0.0.1:8080/healthz\"";
constexpr std::string_view kScheme = "http://";

/// What stands between "://" and the path, or would if it were a URL.
std::string_view authority_of(std::string_view url) {
  const auto scheme = url.find("://");
  url.remove_prefix(scheme == std::string_view::npos ? 0 : scheme + 3);
  return url.substr(0, url.find_first_of("/?#"));
}

/// A space or a line break would end the request line, and begin another request.
bool may_go_into_a_request(std::string_view url) {
  return url.size() <= kLongestUrl &&
         std::ranges::all_of(url, [](char c) { return c > 0x20 && c < 0x7f; });
}

std::optional<vrrp::IpAddress> parse_host(std::string_view host) {
  if (host == "localhost") {
    return vrrp::IpAddress::v4(127, 0, 0, 1);
  }
  const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  const auto address = vrrp::IpAddress::parse(brackets ? host.substr(1, host.size() - 2) : host);
  const bool fits = address && brackets == (address->family() == vrrp::Family::Ipv6);
  return fits && !address->is_multicast() && !address->is_unspecified() ? address : std::nullopt;
}

/// `text` begins with the colon, or is empty.
std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 80;
  if (text.empty()) {
    return port;
  }
  const char* const end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data() + 1, end, port);
  return failure == std::errc() && stop == end && port != 0 ? std::optional(port) : std::nullopt;
}

/// Reports what is wrong with it.
std::optional<Endpoint> parse_server(const Value& value, std::string_view authority) {
  const bool brackets = authority.starts_with('[');
  const auto colon = authority.find(':', brackets ? authority.find(']') : 0);
  const std::string_view host = authority.substr(0, colon);
  const auto address = parse_host(host);
  if (!address) {
    value.error(fmt::format(
        "expected the IPv4 address of a server, its IPv6 address in brackets or \"localhost\", got "
        "{}; a name would make the check depend on DNS",
        in_quotes(host)));
    return std::nullopt;
  }
  const auto port =
      parse_port(colon == std::string_view::npos ? std::string_view() : authority.substr(colon));
  if (!port) {
    value.error(fmt::format("expected a port from 1 to 65535, got {}",
                            in_quotes(authority.substr(colon + 1))));
    return std::nullopt;
  }
  return Endpoint{*address, *port};
}

/// True when it is one; else that is reported.
bool is_plain_http(const Value& value, std::string_view url) {
  if (authority_of(url).find('@') != std::string_view::npos) {
    value.error("a user name or password in the URL is not supported");  // and not shown
    return false;
  }
  if (!may_go_into_a_request(url)) {
    value.refuse(
        fmt::format("{} of at most {} bytes, without spaces, control characters and "
                    "bytes beyond ASCII (write them as %20)",
                    kExpected, kLongestUrl));
    return false;
  }
  if (url.starts_with("https://")) {
    value.error(
        "https is not supported: expected http://, or a check of type \"tcp\" for the port");
    return false;
  }
  if (!url.starts_with(kScheme)) {
    value.refuse(kExpected);
    return false;
  }
  if (url.find('#') != std::string_view::npos) {
    value.error("a fragment (\"#…\") never goes to a server, expected a URL without it");
    return false;
  }
  return true;
}

}  // namespace

std::optional<Url> http_url(const Value& value) {
  const auto text = value.text(kExpected);
  if (!text || !is_plain_http(value, *text)) {
    return std::nullopt;
  }
  const std::string authority(authority_of(*text));
  const auto server = parse_server(value, authority);
  if (!server) {
    return std::nullopt;
  }
  const auto rest = std::string_view(*text).substr(kScheme.size() + authority.size());
  return Url{*server, authority, fmt::format("{}{}", rest.starts_with('/') ? "" : "/", rest)};
}

}  // namespace haguard::conf
