#pragma once
// Who changes its mind all the time is held down: longer each time that it goes on.

#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "conf/units.h"

namespace haguard::health {

/// Until when, and why: "4 changes of check web in a minute".
struct HoldDown {
  Instant until{};
  std::string why;
};

class Flapping {
 public:
  /// More changes in a minute than this are flapping.
  static constexpr std::size_t kMostChanges = 3;

  /// Something has changed. The hold-down that this begins or prolongs: 10 s from now, with each
  /// further change twice the one before, up to 5 minutes. None while changes are rare.
  std::optional<Duration> changed(Instant now);

  [[nodiscard]] Instant held_until() const { return held_until_; }
  /// In the minute before the last of them, which counts.
  [[nodiscard]] std::size_t changes() const { return recent_.size(); }
  /// `subject`: "check web".
  [[nodiscard]] HoldDown hold_down(std::string_view subject) const;

 private:
  std::deque<Instant> recent_;
  Duration hold_{};
  Instant held_until_{};
};

}  // namespace haguard::health
