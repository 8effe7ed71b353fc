#include "health/flapping.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace haguard::health {
namespace {

using namespace std::chrono_literals;

constexpr Duration kWindow = 60s;
constexpr Duration kFirstHold = 10s;
constexpr Duration kLongestHold = 5min;

}  // namespace

std::optional<Duration> Flapping::changed(Instant now) {
  while (!recent_.empty() && now - recent_.front() >= kWindow) {
    recent_.pop_front();
  }
  recent_.push_back(now);
  // Calm for as long as it takes to be suspected again: forgiven.
  if (now - held_until_ >= kWindow) {
    hold_ = 0s;
  }
  if (recent_.size() <= kMostChanges) {
    return std::nullopt;
  }
  hold_ = hold_ == 0s ? kFirstHold : std::min(2 * hold_, kLongestHold);
  held_until_ = now + hold_;
  return hold_;
}

HoldDown Flapping::hold_down(std::string_view subject) const {
  return {held_until_, fmt::format("{} changes of {} in a minute", recent_.size(), subject)};
}

}  // namespace haguard::health
