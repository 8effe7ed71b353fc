#pragma once
// What the protocol loop shows to everybody else: the last snapshot, and a sign of life. The loop
// never waits here for longer than it takes to copy a pointer.

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

#include "conf/units.h"
#include "supervisor/status.h"

namespace haguard::supervisor {

class Publication {
 public:
  explicit Publication(Status first) : latest_(std::make_shared<const Status>(std::move(first))) {}

  void publish(Status status) {
    auto next = std::make_shared<const Status>(std::move(status));
    const std::lock_guard lock(mutex_);
    latest_.swap(next);
  }
  /// Never null.
  [[nodiscard]] std::shared_ptr<const Status> latest() const {
    const std::lock_guard lock(mutex_);
    return latest_;
  }

  /// The loop has turned.
  void stamp(Instant now) { stamped_ = now; }
  [[nodiscard]] Instant stamped() const { return stamped_; }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Status> latest_;
  std::atomic<Instant> stamped_{Instant{}};
};

}  // namespace haguard::supervisor
