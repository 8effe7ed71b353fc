#include "conf/addresses.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include <fmt/format.h>

#include "conf/kinds.h"

namespace haguard::conf {
namespace {

/// An advertisement counts its addresses in one byte.
constexpr std::size_t kMostAddresses = 255;
constexpr std::size_t kMostPeers = 255;

constexpr std::string_view kAddress =
    "an IPv4 or IPv6 address such as \"172.28.1.254\" or \"2001:db8::10\"";
constexpr std::string_view kEndpoint =
    "an address and a port such as \"127.0.0.1:443\" or \"[::1]:443\"";

std::string_view flaw_of_host(const vrrp::IpAddress& address) {
  if (address.is_multicast()) {
    return "a multicast address";
  }
  if (address.is_unspecified()) {
    return "the unspecified address";
  }
  if (address.is_loopback()) {
    return "a loopback address";
  }
  if (address == vrrp::IpAddress::v4(255, 255, 255, 255)) {
    return "the broadcast address";
  }
  return {};
}

/// A decimal number from 1 to `most` and nothing else.
template <class T>
std::optional<T> parse_number(std::string_view text, T most) {
  T number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, number);
  const bool good = failure == std::errc() && stop == end && number >= 1 && number <= most;
  return good ? std::optional(number) : std::nullopt;
}

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  std::string_view host = text.substr(0, colon);
  const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (brackets) {
    host = host.substr(1, host.size() - 2);
  }
  const auto address = vrrp::IpAddress::parse(host);
  const auto port = parse_number<std::uint16_t>(text.substr(colon + 1), 65535);
  if (!address || !port || brackets != (address->family() == vrrp::Family::Ipv6)) {
    return std::nullopt;
  }
  return Endpoint{*address, *port};
}

/// `text` is what `value` holds, or a part of it.
std::optional<vrrp::IpAddress> host(const Value& value, std::string_view text) {
  const auto address = vrrp::IpAddress::parse(text);
  if (!address) {
    value.refuse(kAddress);
    return std::nullopt;
  }
  if (const auto flaw = flaw_of_host(*address); !flaw.empty()) {
    value.error(fmt::format("{} is {}, expected one that a host can have", in_quotes(text), flaw));
    return std::nullopt;
  }
  return address;
}

/// "172.28.1.254", "10.0.0.5/24", "2001:db8::10" or "2001:db8::10/64".
std::optional<VirtualAddress> address_with_prefix(const Value& value) {
  const auto text =
      value.text("an address such as \"172.28.1.254\", \"10.0.0.5/24\" or \"2001:db8::10\"");
  if (!text) {
    return std::nullopt;
  }
  const auto slash = text->find('/');
  const auto address = host(value, std::string_view(*text).substr(0, slash));
  if (!address) {
    return std::nullopt;
  }
  const std::uint8_t longest = vrrp::host_prefix_length(address->family());
  VirtualAddress result{*address, longest, {}, {}};
  if (slash != std::string::npos) {
    const auto length = parse_number(std::string_view(*text).substr(slash + 1), longest);
    if (!length) {
      value.refuse(fmt::format("a prefix length from 1 to {}", longest));
      return std::nullopt;
    }
    result.prefix_length = *length;
  }
  return result;
}

/// A string, or a table with `address`, `interface` and `label`.
std::optional<VirtualAddress> virtual_address(const Value& value) {
  if (!value.is_table()) {
    return address_with_prefix(value);
  }
  auto table = value.table();
  VirtualAddress result;
  const bool found = table->require("address", result, address_with_prefix);
  table->read("interface", result.interface, interface_name);
  table->read("label", result.label, address_label);
  if (found && !result.label.empty() && result.address.family() == vrrp::Family::Ipv6) {
    table->find("label")->error("only an IPv4 address can have one");
  }
  table->refuse_unknown_keys();
  return found ? std::optional(result) : std::nullopt;
}

/// The kind of a list of `least` and more of them.
std::optional<std::vector<VirtualAddress>> address_list(const Value& value, std::size_t least) {
  const auto items = items_between(value, least, kMostAddresses);
  if (!items) {
    return std::nullopt;
  }
  std::vector<VirtualAddress> result;
  for (const Value& item : *items) {
    auto address = virtual_address(item);
    if (!address) {
      continue;
    }
    if (std::ranges::find(result, address->address, &VirtualAddress::address) != result.end()) {
      item.error(fmt::format("{} is listed twice", address->address.to_string()));
    }
    result.push_back(*std::move(address));
  }
  return result;
}

}  // namespace

std::optional<vrrp::IpAddress> host_address(const Value& value) {
  const auto text = value.text(kAddress);
  return text ? host(value, *text) : std::nullopt;
}

std::optional<Endpoint> endpoint(const Value& value) {
  const auto text = value.text(kEndpoint);
  const auto result = text ? parse_endpoint(*text) : std::nullopt;
  if (text && !result) {
    value.refuse(kEndpoint);
  }
  return result;
}

std::optional<std::vector<VirtualAddress>> virtual_addresses(const Value& value) {
  return address_list(value, 1);
}

std::optional<std::vector<VirtualAddress>> excluded_addresses(const Value& value) {
  return address_list(value, 0);
}

std::optional<Unicast> unicast(const Value& value) {
  auto table = value.table();
  if (!table) {
    return std::nullopt;
  }
  Unicast result;
  const bool source = table->require("source", result.source, host_address);
  table->require("peers", result.peers, list_of(host_address, 1, kMostPeers));
  table->read("min_ttl", result.min_ttl, integer_between<std::uint8_t>(1, 255));
  if (source && std::ranges::find(result.peers, result.source) != result.peers.end()) {
    table->find("peers")->error(
        fmt::format("{} is our own source address", result.source.to_string()));
  }
  for (const auto& peer : result.peers) {
    if (source && peer.family() != result.source.family()) {
      table->find("peers")->error(fmt::format("{} is not of the family of the source {}",
                                              peer.to_string(), result.source.to_string()));
    }
  }
  table->refuse_unknown_keys();
  return result;
}

}  // namespace haguard::conf
