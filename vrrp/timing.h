#pragma once
// The timers of RFC 9568 6.1 and RFC 3768 6.1, in whole microseconds.

#include "conf/config.h"
#include "conf/units.h"

namespace haguard::vrrp {

inline constexpr int kPriorityOwner = 255;
inline constexpr int kPriorityResign = 0;

/// The shortest advertisement interval that is adopted from a peer, and the one that a resigning
/// router announces.
inline constexpr Duration kShortestInterval = Centiseconds(1);

/// Skew_Time. Version 3 scales it by the Active router's interval (RFC 9568 6.1), version 2 by one
/// second (RFC 3768 6.1).
[[nodiscard]] constexpr Duration skew_time(conf::Version version, int priority,
                                           Duration active_interval) {
  const Duration scale = version == conf::Version::V3 ? active_interval : std::chrono::seconds(1);
  return scale * (256 - priority) / 256;
}

/// Active_Down_Interval; `down_adverts` is 3 in the RFCs.
[[nodiscard]] constexpr Duration down_interval(conf::Version version, int priority,
                                               Duration active_interval, int down_adverts = 3) {
  return down_adverts * active_interval + skew_time(version, priority, active_interval);
}

/// Max Advertise Interval of an interval: rounded down to whole centiseconds.
[[nodiscard]] constexpr Centiseconds to_centiseconds(Duration interval) {
  return std::chrono::duration_cast<Centiseconds>(interval);
}

}  // namespace haguard::vrrp
