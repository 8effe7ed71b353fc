#include "proxy-bridge/master.h"

#include <algorithm>
#include <chrono>

namespace haguard::proxy {
namespace {

using namespace std::chrono_literals;

constexpr Duration kPeriod = 10s;
/// A reload that parses 20 000 servers keeps the master's socket refusing for about 300 ms.
constexpr Duration kRetry = 50ms;
constexpr unsigned kTries = 10;

}  // namespace

void MasterList::refresh(Instant now) {
  tries_ = 0;
  next_ = now;
  asked_ = false;
}

std::optional<ProcessList> MasterList::answered(std::string_view text, Instant now) {
  if (!asked_) {
    return std::nullopt;
  }
  asked_ = false;
  std::optional<ProcessList> list = parse_proc(text);
  if (list) {
    tries_ = 0;
    next_ = now + kPeriod;
  } else {
    try_again(now);
  }
  return list;
}

void MasterList::failed(Failure failure, Instant now) {
  if (!asked_) {
    return;
  }
  asked_ = false;
  if (failure == Failure::Closed || failure == Failure::Refused) {
    try_again(now);
  } else {
    next_ = now + kPeriod;
  }
}

void MasterList::try_again(Instant now) {
  const bool soon = ++tries_ < kTries;
  next_ = now + (soon ? kRetry : kPeriod);
  if (!soon) {
    tries_ = 0;
  }
}

void MasterList::hurry(Instant at) {
  next_ = std::min(next_, at);
}

bool MasterList::take_due(Instant now) {
  if (asked_ || now < next_) {
    return false;
  }
  asked_ = true;
  patient_until_ = now + kPatience;
  return true;
}

}  // namespace haguard::proxy
