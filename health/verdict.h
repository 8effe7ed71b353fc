#pragma once
// Rise and fall: from single results to a verdict that can be acted on.

#include <cstdint>
#include <string_view>

namespace haguard::health {

enum class Status : std::uint8_t { Pending, Passing, Failing };

/// "pending", "passing", "failing".
[[nodiscard]] std::string_view to_string(Status status);

enum class Change : std::uint8_t {
  Unchanged,  ///< the result agrees with the verdict
  Pending,    ///< it does not, and is not yet confirmed: ask again soon
  Changed,    ///< the verdict is a new one
};

class Verdict {
 public:
  /// `rise` passes in a row make Passing, `fall` failures in a row make Failing; both at least 1.
  /// `status`: what it is until results say otherwise.
  Verdict(unsigned rise, unsigned fall, Status status = Status::Pending)
      : rise_(rise), fall_(fall), status_(status) {}

  Change record(bool passed);
  /// A fact that needs no second look (a process has died): Failing now.
  Change fail_at_once();

  [[nodiscard]] Status status() const { return status_; }
  /// Results in a row that contradict the verdict, or confirm the coming first one.
  [[nodiscard]] unsigned run() const { return run_; }
  /// How many of them are needed in the direction of `passed`.
  [[nodiscard]] unsigned needed(bool passed) const { return passed ? rise_ : fall_; }

 private:
  Change settle(Status status);

  unsigned rise_;
  unsigned fall_;
  Status status_;
  bool last_ = false;
  unsigned run_ = 0;
};

}  // namespace haguard::health
