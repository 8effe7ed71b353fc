#include "supervisor/check_history.h"

#include <algorithm>
#include <iterator>

namespace haguard::supervisor {

void CheckHistory::changed(health::Status to, Instant now) {
  changes_.push_back({now, to});
  // The one in force when the window begins is needed as well.
  while (changes_.size() > kMaxChanges ||
         (changes_.size() > 1 && changes_[1].at <= now - kWindow)) {
    changes_.pop_front();
  }
}

std::vector<CheckHistory::Change> CheckHistory::window(Instant now) const {
  const Instant start = now - kWindow;
  auto first = std::ranges::upper_bound(changes_, start, {}, &Change::at);
  if (first != changes_.begin()) {
    first = std::prev(first);
  }
  std::vector<Change> changes(first, changes_.end());
  if (!changes.empty()) {
    changes.front().at = std::max(changes.front().at, start);
  }
  return changes;
}

}  // namespace haguard::supervisor
