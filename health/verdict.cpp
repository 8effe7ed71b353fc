#include "health/verdict.h"

namespace haguard::health {

std::string_view to_string(Status status) {
  switch (status) {
    case Status::Pending:
      return "pending";
    case Status::Passing:
      return "passing";
    case Status::Failing:
      return "failing";
  }
  return "unknown";
}

Change Verdict::record(bool passed) {
  const Status points_to = passed ? Status::Passing : Status::Failing;
  if (status_ == points_to) {
    run_ = 0;
    return Change::Unchanged;
  }
  run_ = last_ == passed ? run_ + 1 : 1;
  last_ = passed;
  return run_ < needed(passed) ? Change::Pending : settle(points_to);
}

Change Verdict::fail_at_once() {
  run_ = 0;
  return status_ == Status::Failing ? Change::Unchanged : settle(Status::Failing);
}

Change Verdict::settle(Status status) {
  status_ = status;
  run_ = 0;
  return Change::Changed;
}

}  // namespace haguard::health
