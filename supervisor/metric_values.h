#pragma once
// Counters and histograms that the protocol loop can feed while others read them: there is no lock
// that a reader could hold, and nothing is allocated.

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "conf/units.h"

namespace haguard::supervisor {

class Counter {
 public:
  void add(std::uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Of durations. A reader may see the sum of an observation before its bucket, or after it.
class Histogram {
 public:
  static constexpr std::size_t kMaxBounds = 16;

  /// `bounds`: at most kMaxBounds, ascending; an observation counts in the first that it does not
  /// exceed, or beyond all of them. They must outlive it.
  explicit Histogram(std::span<const Duration> bounds) : bounds_(bounds) {}

  void observe(Duration value) {
    const auto bucket = std::ranges::lower_bound(bounds_, value) - bounds_.begin();
    counts_.at(static_cast<std::size_t>(bucket)).add();
    sum_.fetch_add(value.count(), std::memory_order_relaxed);
  }
  [[nodiscard]] std::span<const Duration> bounds() const { return bounds_; }
  /// Observations in bucket `i` alone; `i` == bounds().size(): beyond the last bound.
  [[nodiscard]] std::uint64_t count(std::size_t i) const { return counts_.at(i).value(); }
  [[nodiscard]] Duration sum() const { return Duration(sum_.load(std::memory_order_relaxed)); }

 private:
  std::span<const Duration> bounds_;
  std::array<Counter, kMaxBounds + 1> counts_{};
  std::atomic<Duration::rep> sum_{0};
};

}  // namespace haguard::supervisor
