#pragma once
// What became of one check in the last hour: the changes of its verdict, for whoever has to find
// out at night what happened before. Bounded, also for a check that flaps.

#include <cstddef>
#include <deque>
#include <vector>

#include "conf/units.h"
#include "health/verdict.h"

namespace haguard::supervisor {

class CheckHistory {
 public:
  static constexpr Duration kWindow = std::chrono::hours(1);
  static constexpr std::size_t kMaxChanges = 120;

  struct Change {
    Instant at;
    health::Status to = health::Status::Pending;
  };

  void changed(health::Status to, Instant now);
  /// Oldest first. The first is the verdict at the start of the window, with its beginning there,
  /// unless the check, or what is kept of it, is younger.
  [[nodiscard]] std::vector<Change> window(Instant now) const;

 private:
  std::deque<Change> changes_;
};

}  // namespace haguard::supervisor
