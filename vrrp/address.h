#pragma once
// IP and MAC addresses as plain values: parse, print, compare. Everyone may use them.

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace haguard::vrrp {

enum class Family : std::uint8_t { Ipv4, Ipv6 };

[[nodiscard]] std::string_view to_string(Family family);

/// An IPv4 or IPv6 address. Ordered by family, then as an unsigned number in network order: the
/// tie-break of RFC 9568 6.4.3.
class IpAddress {
 public:
  /// 0.0.0.0
  constexpr IpAddress() = default;
  /// 4 bytes in network order.
  [[nodiscard]] static IpAddress v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d);
  /// Exactly 4 bytes give IPv4, exactly 16 give IPv6; any other length gives nothing.
  [[nodiscard]] static std::optional<IpAddress> from_bytes(std::span<const std::uint8_t> bytes);
  /// "172.28.1.2" or "fe80::1"; no prefix length, no zone, no leading or trailing space.
  [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);

  [[nodiscard]] Family family() const { return family_; }
  /// 4 or 16 bytes in network order.
  [[nodiscard]] std::span<const std::uint8_t> bytes() const;
  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] bool is_multicast() const;
  [[nodiscard]] bool is_unspecified() const;
  /// 127.0.0.0/8, ::1
  [[nodiscard]] bool is_loopback() const;
  /// fe80::/10
  [[nodiscard]] bool is_link_local() const;

  auto operator<=>(const IpAddress&) const = default;

 private:
  Family family_ = Family::Ipv4;
  std::array<std::uint8_t, 16> bytes_{};
};

/// 32 for IPv4, 128 for IPv6.
[[nodiscard]] constexpr std::uint8_t host_prefix_length(Family family) {
  return family == Family::Ipv4 ? 32 : 128;
}

struct MacAddress {
  std::array<std::uint8_t, 6> bytes{};

  [[nodiscard]] std::string to_string() const;
  auto operator<=>(const MacAddress&) const = default;
};

inline constexpr MacAddress kBroadcastMac{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

}  // namespace haguard::vrrp
