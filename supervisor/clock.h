#pragma once
// The clocks, for the ports. Core code is told the time and never includes this.

#include <chrono>
#include <ctime>

#include "conf/units.h"
#include "supervisor/status.h"

namespace haguard::supervisor {

/// CLOCK_BOOTTIME: after a suspend the peer's silence counts in full.
[[nodiscard]] inline Instant boot_now() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return Instant(std::chrono::duration_cast<Duration>(std::chrono::seconds(now.tv_sec) +
                                                      std::chrono::nanoseconds(now.tv_nsec)));
}

[[nodiscard]] inline WallTime wall_now() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

}  // namespace haguard::supervisor
