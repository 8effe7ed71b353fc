#pragma once
// What the kernel says about links and addresses: rtnetlink messages to plain values. Lengths are
// checked by libnl; a message that does not parse gives nothing.

#include <cstdint>
#include <optional>
#include <string>

#include <netlink/msg.h>

#include "vrrp/address.h"

namespace haguard::vrrp {

/// How an interface treats ARP: arp_ignore and arp_announce of Documentation/networking/ip-sysctl.
struct ArpRules {
  std::uint32_t ignore = 0;
  std::uint32_t announce = 0;

  bool operator==(const ArpRules&) const = default;
};

/// RTM_NEWLINK, RTM_DELLINK.
struct Link {
  int index = 0;
  std::string name;
  bool running = false;
  MacAddress mac;  ///< all zero for a link without an Ethernet address
  /// Of a macvlan device: the link that it is made on, when that is in this network namespace.
  int macvlan_on = 0;
  ArpRules arp;  ///< all zero when the message does not say
};

/// RTM_NEWADDR, RTM_DELADDR; of either family, without the anycast and multicast ones.
struct InterfaceAddress {
  int index = 0;
  IpAddress address;
  std::uint8_t prefix_length = 0;
  /// Second choice as a source: secondary in its subnet, or not of global scope.
  bool inferior = false;
  /// Not of an IPv6 address that is still being checked for a duplicate, or that is one (RFC 4862
  /// 5.4), but of an optimistic one (RFC 4429).
  bool usable = true;
  bool expires = false;  ///< the kernel will remove it unless it is renewed
};

[[nodiscard]] std::optional<Link> parse_link(nlmsghdr& message);
[[nodiscard]] std::optional<InterfaceAddress> parse_address(nlmsghdr& message);

}  // namespace haguard::vrrp
