#include "proxy-bridge/silence.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace haguard::proxy {
namespace {

using namespace std::chrono_literals;

/// A good answer takes 0.1-1 ms.
constexpr Duration kLate = 50ms;
/// Of a hung HAProxy. A question that is given up keeps its place in the backlog of 10, so a new
/// witness is asked only when the last one's connection has ended.
constexpr Duration kWitnessPause = 1s;

}  // namespace

Silence::Silence(Duration hang_timeout)
    : hang_timeout_(hang_timeout), witness_delay_(std::min(kLate, hang_timeout / 4)) {}

void Silence::held_asked(Instant now) {
  held_ = now;
  witness_.reset();
  witness_spoke_ = false;
}

void Silence::held_ended() {
  held_.reset();
}

bool Silence::take_second_chance() {
  return std::exchange(second_chance_, false);
}

void Silence::witness_asked(Instant now) {
  witness_ = now;
  witness_open_ = true;
}

void Silence::witness_ended(bool spoke) {
  witness_open_ = false;
  witness_spoke_ = spoke;
}

Silence::Step Silence::judge(Instant now, bool hung) {
  if (now >= witness_due(hung)) {
    return Step::AskWitness;
  }
  if (hung || now < verdict_due()) {
    return Step::Wait;
  }
  return witness_spoke_ && take_second_chance() ? Step::RenewHeld : Step::Hung;
}

Instant Silence::deadline(bool hung) const {
  return hung ? witness_due(true) : std::min(witness_due(false), verdict_due());
}

Instant Silence::witness_due(bool hung) const {
  if (!held_ || witness_open_) {
    return kNever;
  }
  if (hung) {
    return witness_.value_or(*held_) + kWitnessPause;
  }
  return witness_ ? kNever : *held_ + witness_delay_;
}

Instant Silence::verdict_due() const {
  if (!held_ || !witness_) {
    return kNever;
  }
  return (witness_spoke_ ? *held_ : *witness_) + hang_timeout_;
}

}  // namespace haguard::proxy
