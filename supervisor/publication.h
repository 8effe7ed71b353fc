#pragma once
// What the protocol loop shows to everybody else: a snapshot, and a sign of life. It is made when
// something has happened, and when somebody wants to see how things stand, because it costs the
// more the more routers there are. The loop never waits here for longer than it takes to copy a
// pointer.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "conf/units.h"
#include "supervisor/status.h"

namespace haguard::supervisor {

class Publication {
 public:
  using Snapshot = std::shared_ptr<const Status>;  ///< never null
  /// A snapshot is as good as a new one for so long, however many ask.
  static constexpr Duration kFresh = std::chrono::milliseconds(250);
  /// For a loop that is held up nobody waits longer; it has an old snapshot.
  static constexpr auto kPatience = std::chrono::milliseconds(100);

  struct Loop {
    std::function<void()> refresh;  ///< publishes now unless it is fresh; on the loop's thread
    std::function<void()> ask;      ///< has it published soon; from any thread
  };

  explicit Publication(Status first) : latest_(std::make_shared<const Status>(std::move(first))) {}

  /// Before that nobody is asked for a snapshot.
  void connect(Loop loop) {
    const std::lock_guard lock(mutex_);
    loop_ = std::move(loop);
  }
  void publish(Status status, Instant now) {
    auto next = std::make_shared<const Status>(std::move(status));
    {
      const std::lock_guard lock(mutex_);
      latest_.swap(next);
      published_at_ = now;
    }
    published_.notify_all();
  }

  [[nodiscard]] Snapshot latest() const {
    const std::lock_guard lock(mutex_);
    return latest_;
  }
  /// A fresh one. On the loop's thread.
  [[nodiscard]] Snapshot current() const {
    if (loop_.refresh) {
      loop_.refresh();
    }
    return latest();
  }
  /// A fresh one, if the loop turns. On any other thread.
  [[nodiscard]] Snapshot awaited(Instant now) const {
    std::unique_lock lock(mutex_);
    if (loop_.ask && now - published_at_ >= kFresh) {
      loop_.ask();
      published_.wait_for(lock, kPatience,
                          [this, old = published_at_] { return published_at_ != old; });
    }
    return latest_;
  }

  /// The loop has turned.
  void stamp(Instant now) { stamped_ = now; }
  [[nodiscard]] Instant stamped() const { return stamped_; }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable published_;
  Loop loop_;
  Snapshot latest_;
  Instant published_at_{};
  std::atomic<Instant> stamped_{Instant{}};
};

}  // namespace haguard::supervisor
