#include "health/schedule.h"

#include <algorithm>

namespace haguard::health {

Schedule::Schedule(const std::vector<Timing>& timings, Instant now) {
  const auto count = static_cast<Duration::rep>(timings.size());
  for (const Timing& timing : timings) {
    const auto number = static_cast<Duration::rep>(entries_.size());
    entries_.push_back({timing, now + timing.interval * number / count, now});
  }
}

std::vector<std::size_t> Schedule::start_due(Instant now) {
  std::vector<std::size_t> due;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    Entry& entry = entries_[i];
    if (!entry.running && entry.next <= now) {
      entry.running = true;
      entry.next = now + entry.timing.timeout;
      due.push_back(i);
    }
  }
  return due;
}

std::vector<std::size_t> Schedule::expired(Instant now) const {
  std::vector<std::size_t> late;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].running && entries_[i].next <= now) {
      late.push_back(i);
    }
  }
  return late;
}

void Schedule::finished(std::size_t probe, bool soon, Instant now) {
  Entry& entry = entries_[probe];
  entry.running = false;
  if (soon) {
    entry.next = now + edge_interval(entry.timing.interval);
    return;
  }
  const bool begun = now >= entry.origin;
  const auto passed = begun ? (now - entry.origin) / entry.timing.interval + 1 : 0;
  entry.next = entry.origin + passed * entry.timing.interval;
}

Instant Schedule::next_deadline() const {
  Instant next = kNever;
  for (const Entry& entry : entries_) {
    next = std::min(next, entry.next);
  }
  return next;
}

}  // namespace haguard::health
