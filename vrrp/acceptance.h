#pragma once
// Is this advertisement meant for that virtual router? The checks of RFC 9568 7.1 and RFC 3768 7.1
// that need the configuration, after vrrp/packet.h has done those that need the bytes alone.

#include <optional>

#include "conf/config.h"
#include "vrrp/packet.h"

namespace haguard::vrrp {

/// What the IP header and the socket said about a packet.
struct Arrival {
  Envelope envelope;
  std::uint8_t ttl = 0;
};

/// TTL, and for unicast the list of peers: looked at before the bytes.
[[nodiscard]] std::optional<Reject> reject_arrival(const conf::Instance& instance,
                                                   const Arrival& arrival);

/// Version, authentication, interval.
[[nodiscard]] std::optional<Reject> reject_content(const conf::Instance& instance,
                                                   const Advertisement& advertisement);

}  // namespace haguard::vrrp
