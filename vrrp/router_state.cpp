// What the state of a virtual router says by itself.

#include <algorithm>

#include "vrrp/router.h"
#include "vrrp/timing.h"

namespace haguard::vrrp {
namespace {

/// How long after the longest skew a successor's first advertisement may still be on its way.
constexpr Duration kReleaseMargin = std::chrono::milliseconds(100);
/// A stop is not held up for longer than the longest skew of version 2, whatever the interval.
constexpr Duration kReleaseMaximum = std::chrono::seconds(1) + kReleaseMargin;
/// Later than this part of an interval: held up.
constexpr int kLatePart = 4;

}  // namespace

std::string_view to_string(State state) {
  switch (state) {
    case State::Initialize:
      return "initialize";
    case State::Backup:
      return "backup";
    case State::Active:
      return "active";
  }
  return "unknown";
}

Instant next_deadline(const RouterState& state) {
  return state.state == State::Initialize ? state.release_at : state.timer;
}

bool holds_addresses(const RouterState& state) {
  return state.state == State::Active || state.release_at != kNever;
}

bool overslept(const RouterState& state, Instant due, Instant now) {
  return state.state == State::Backup && !state.resignation_heard && !state.waited_once_more &&
         now - due > state.active_interval / kLatePart;
}

void discard(const RouterSettings& settings, const Heard& worse, RouterState& state, Instant now) {
  state.loser = Loser{worse.source, worse.priority, now};
  if (state.newcomer && !state.active_router) {
    const Duration skew = skew_time(settings.version, state.priority, state.active_interval);
    state.timer = std::min(state.timer, now + skew);
  }
}

Transition take_over(const RouterSettings& settings, const RouterState& state, Instant now) {
  Transition change{State::Backup,         State::Active, Cause::DownTimer, state.active_router, 0,
                    now - state.last_heard};
  const auto& loser = state.loser;
  if (state.resignation_heard) {
    change.cause = Cause::Resigned;
  } else if (loser && now - loser->heard < settings.down_adverts * state.active_interval) {
    change.cause = Cause::Preempted;
    change.peer = loser->address;
    change.peer_priority = loser->priority;
  }
  return change;
}

Duration resignation_skew(const RouterSettings& settings, const RouterState& state) {
  if (settings.fast_abdication) {
    return skew_time(conf::Version::V3, state.priority, kShortestInterval);
  }
  return skew_time(settings.version, state.priority, state.active_interval);
}

Duration release_limit(const RouterSettings& settings) {
  if (settings.version == conf::Version::V3 && settings.fast_abdication) {
    return kShortestInterval + kReleaseMargin;
  }
  const Duration longest_skew = settings.version == conf::Version::V3
                                    ? settings.advertisement_interval
                                    : Duration(std::chrono::seconds(1));
  return std::min(longest_skew + kReleaseMargin, kReleaseMaximum);
}

}  // namespace haguard::vrrp
