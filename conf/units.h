#pragma once
// Units of time for the whole program. `Instant` is a point on the kernel's boot clock (it counts
// suspend); `BootClock` has no now() on purpose: core code is told the time, only the event loop
// and the simulated world own a clock.

#include <chrono>
#include <cstdint>
#include <ratio>

namespace haguard {

using Duration = std::chrono::microseconds;

struct BootClock {
  using rep = Duration::rep;
  using period = Duration::period;
  using duration = Duration;
  using time_point = std::chrono::time_point<BootClock>;
  static constexpr bool is_steady = true;
};

using Instant = BootClock::time_point;

/// The unit of the Max Advertise Interval field (RFC 9568 5.2.7).
using Centiseconds = std::chrono::duration<std::int32_t, std::centi>;

/// "Nothing to wait for": later than every deadline.
inline constexpr Instant kNever = Instant::max();

}  // namespace haguard
