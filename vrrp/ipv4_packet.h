#pragma once
// The IPv4 header in front of an advertisement, as a raw socket hands it out. Pure; never reads
// outside of the bytes given.

#include <cstdint>
#include <optional>
#include <span>

#include "vrrp/address.h"

namespace haguard::vrrp {

struct Ipv4Packet {
  IpAddress source;
  IpAddress destination;
  std::uint8_t ttl = 0;
  std::span<const std::uint8_t> payload;  ///< without options and padding
};

/// Nothing for what is not one whole packet of protocol 112: cut short, a fragment, something else.
[[nodiscard]] std::optional<Ipv4Packet> parse_ipv4(std::span<const std::uint8_t> bytes);

}  // namespace haguard::vrrp
