#pragma once
// What a frame of the LAN says about who holds an address: the passive half of address conflict
// detection (RFC 5227 2.4). Pure; never reads outside of the bytes given.

#include <cstdint>
#include <optional>
#include <span>

#include "vrrp/address.h"

namespace haguard::vrrp {

/// "The address is mine", says the holder of that MAC address.
struct NeighborClaim {
  IpAddress address;
  MacAddress mac;

  bool operator==(const NeighborClaim&) const = default;
};

/// `frame` begins with its Ethernet header, without VLAN tags. Two kinds claim something:
///  - an ARP request or reply claims its sender address; a probe, from 0.0.0.0, does not;
///  - a valid IPv6 neighbor advertisement (RFC 4861 7.1.2) claims its target.
/// Neighbor advertisements behind extension headers are passed over.
[[nodiscard]] std::optional<NeighborClaim> parse_neighbor_claim(
    std::span<const std::uint8_t> frame);

}  // namespace haguard::vrrp
