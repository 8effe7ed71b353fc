#pragma once
// Telling the LAN where a virtual address lives now: gratuitous ARP frames and unsolicited neighbor
// advertisements as bytes, and when to send them. Spread over seconds, because a burst dies with
// one bad moment of a switch port. And the frames that ask where somebody else is.

#include <array>
#include <cstdint>
#include <vector>

#include "conf/config.h"
#include "conf/units.h"
#include "vrrp/address.h"

namespace haguard::vrrp {

enum class ArpOperation : std::uint16_t { Request = 1, Reply = 2 };

/// An Ethernet frame without padding: broadcast, sender and target protocol address both `address`
/// (RFC 5227 3, RFC 9568 8.1.2). `address` is IPv4.
[[nodiscard]] std::array<std::uint8_t, 42> gratuitous_arp(const MacAddress& from,
                                                          const IpAddress& address,
                                                          ArpOperation operation);

/// An Ethernet frame: a neighbor advertisement to all nodes, with Override set (RFC 9568 6.4.1, RFC
/// 4861 4.4 and 7.2.6). Its source is `address` itself, so the interface must have that already.
/// The Router flag, which RFC 9568 wants for routers, is clear: machines with virtual addresses of
/// a proxy forward nothing, and a host would take its sender for a router. `address` is IPv6.
[[nodiscard]] std::array<std::uint8_t, 86> unsolicited_advertisement(const MacAddress& from,
                                                                     const IpAddress& address);

/// An Ethernet frame to all: who has `target` shall tell `source`, which must be an address of
/// ours, as all that hear it may note it (RFC 826). Both are IPv4.
[[nodiscard]] std::array<std::uint8_t, 42> arp_request(const MacAddress& from,
                                                       const IpAddress& source,
                                                       const IpAddress& target);

/// The same in IPv6: a neighbor solicitation to the solicited-node group of `target` (RFC 4861 4.3
/// and 7.2.2, RFC 4291 2.7.1).
[[nodiscard]] std::array<std::uint8_t, 86> neighbor_solicitation(const MacAddress& from,
                                                                 const IpAddress& source,
                                                                 const IpAddress& target);

/// When to announce. Deadlines only; the caller sends a set of frames each time `due` says so.
class AnnounceSchedule {
 public:
  explicit AnnounceSchedule(conf::Garp settings);

  /// Begins anew at `now`.
  void start(Instant now);
  void stop();
  /// True once for every deadline that has been reached; missed ones count as one.
  [[nodiscard]] bool due(Instant now);
  [[nodiscard]] Instant next_deadline() const { return next_; }

 private:
  conf::Garp settings_;
  Instant started_{};
  std::size_t position_ = 0;
  Instant next_ = kNever;
};

}  // namespace haguard::vrrp
