#pragma once
// The MAC address that belongs to a virtual router instead of a machine (RFC 9568 7.3), and the
// macvlan device on which the Active router answers with it.

#include <cstdint>
#include <string>

#include "vrrp/address.h"

namespace haguard::vrrp {

/// 00-00-5E-00-01-VRID for IPv4, 00-00-5E-00-02-VRID for IPv6.
[[nodiscard]] constexpr MacAddress virtual_mac(Family family, std::uint8_t virtual_router_id) {
  const std::uint8_t block = family == Family::Ipv4 ? 1 : 2;
  return {{0x00, 0x00, 0x5e, 0x00, block, virtual_router_id}};
}

struct VirtualDevice {
  Family family = Family::Ipv4;
  std::uint8_t virtual_router_id = 0;
  std::string parent;  ///< the interface that it is made on

  /// "vrrp4.51"; at most 9 characters, and thus a name that Linux takes.
  [[nodiscard]] std::string name() const;
  [[nodiscard]] MacAddress mac() const { return virtual_mac(family, virtual_router_id); }

  auto operator<=>(const VirtualDevice&) const = default;
};

}  // namespace haguard::vrrp
