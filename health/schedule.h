#pragma once
// Which probe is due, and which one is late. A probe never overlaps itself; probes are spread over
// their interval so that they do not all leave in one moment.

#include <cstddef>
#include <vector>

#include "conf/units.h"

namespace haguard::health {

/// The interval while a verdict is at an edge: short enough to settle soon, long enough that one
/// hiccup is not seen `fall` times.
[[nodiscard]] constexpr Duration edge_interval(Duration interval) {
  return interval / 4;
}

/// The same on the way up, for a check that reads answers which come anyway, as HAProxy's: it costs
/// nothing, and who waits for it has a worse node serving, or none. Less than a tenth, so that up
/// to an interval of a second none of the answers, which are 100 ms apart, is left out.
[[nodiscard]] constexpr Duration confirm_interval(Duration interval) {
  return interval / 12;
}

class Schedule {
 public:
  struct Timing {
    Duration interval;  ///< at rest
    Duration timeout;
  };

  /// The first probe of number i leaves at `now`, later ones at an offset of i / count of its
  /// interval.
  Schedule(const std::vector<Timing>& timings, Instant now);

  /// Number `probe` goes on as number `former` of `schedule` was: the next one, or the deadline of
  /// the running one, and the times of all later ones.
  void go_on(std::size_t probe, const Schedule& schedule, std::size_t former) {
    entries_[probe] = schedule.entries_[former];
  }

  /// The probes to start now; they count as running from here on.
  [[nodiscard]] std::vector<std::size_t> start_due(Instant now);
  /// The running probes whose timeout has come; finished() is still to be called for them.
  [[nodiscard]] std::vector<std::size_t> expired(Instant now) const;
  /// A result has come. `soon`: the verdict is at an edge, ask again before the interval is over.
  void finished(std::size_t probe, bool soon, Instant now);
  [[nodiscard]] bool running(std::size_t probe) const { return entries_[probe].running; }
  [[nodiscard]] Instant next_deadline() const;

 private:
  struct Entry {
    Timing timing;
    Instant origin;  ///< all regular probes leave at origin + n * interval
    Instant next;    ///< start of the next one, or deadline of the running one
    bool running = false;
  };

  std::vector<Entry> entries_;
};

}  // namespace haguard::health
