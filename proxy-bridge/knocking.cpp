#include "proxy-bridge/knocking.h"

#include <chrono>

namespace haguard::proxy {
namespace {

constexpr Duration kPause = std::chrono::seconds(1);

}  // namespace

std::optional<conf::Endpoint> Knocking::begin(Instant now) {
  if (listeners_.empty() || asked_) {
    return std::nullopt;
  }
  at_ = refused_ ? at_ + 1 : at_;
  at_ = at_ < listeners_.size() ? at_ : 0;
  asked_ = now;
  refused_ = false;
  return listeners_[at_];
}

void Knocking::answered(Instant now) {
  asked_.reset();
  spoke_ = true;
  next_ = now + kPause;
}

void Knocking::failed(Instant now) {
  asked_.reset();
  spoke_ = false;
  refused_ = true;
  next_ = now + kPause;
}

bool Knocking::silent(Instant now) const {
  return refused_ || (asked_ && now - *asked_ >= hang_timeout_);
}

Instant Knocking::next_deadline() const {
  return asked_ ? *asked_ + hang_timeout_ : next_knock();
}

}  // namespace haguard::proxy
