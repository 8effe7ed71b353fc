#include "vrrp/address.h"

#include <algorithm>

#include <arpa/inet.h>  // inet_pton and inet_ntop: text conversion, no I/O
#include <fmt/format.h>

namespace haguard::vrrp {

std::string_view to_string(Family family) {
  return family == Family::Ipv4 ? "ipv4" : "ipv6";
}

IpAddress IpAddress::v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
  IpAddress address;
  address.bytes_ = {a, b, c, d};
  return address;
}

std::optional<IpAddress> IpAddress::from_bytes(std::span<const std::uint8_t> bytes) {
  if (bytes.size() != 4 && bytes.size() != 16) {
    return std::nullopt;
  }
  IpAddress address;
  address.family_ = bytes.size() == 4 ? Family::Ipv4 : Family::Ipv6;
  std::ranges::copy(bytes, address.bytes_.begin());
  return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string terminated(text);
  if (terminated.find('\0') != std::string::npos) {
    return std::nullopt;
  }
  IpAddress address;
  address.family_ = text.find(':') == std::string_view::npos ? Family::Ipv4 : Family::Ipv6;
  const int family = address.family_ == Family::Ipv4 ? AF_INET : AF_INET6;
  if (inet_pton(family, terminated.c_str(), address.bytes_.data()) != 1) {
    return std::nullopt;
  }
  return address;
}

std::span<const std::uint8_t> IpAddress::bytes() const {
  return std::span(bytes_).first(family_ == Family::Ipv4 ? 4 : 16);
}

std::string IpAddress::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = family_ == Family::Ipv4 ? AF_INET : AF_INET6;
  return inet_ntop(family, bytes_.data(), text.data(), text.size());
}

bool IpAddress::is_multicast() const {
  return family_ == Family::Ipv4 ? (bytes_[0] & 0xf0) == 0xe0 : bytes_[0] == 0xff;
}

bool IpAddress::is_unspecified() const {
  return std::ranges::all_of(bytes_, [](std::uint8_t byte) { return byte == 0; });
}

bool IpAddress::is_loopback() const {
  if (family_ == Family::Ipv4) {
    return bytes_[0] == 127;
  }
  return bytes_.back() == 1 &&
         std::all_of(bytes_.begin(), bytes_.end() - 1, [](std::uint8_t byte) { return byte == 0; });
}

bool IpAddress::is_link_local() const {
  return family_ == Family::Ipv6 && bytes_[0] == 0xfe && (bytes_[1] & 0xc0) == 0x80;
}

std::string MacAddress::to_string() const {
  return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", bytes[0], bytes[1], bytes[2],
                     bytes[3], bytes[4], bytes[5]);
}

}  // namespace haguard::vrrp
