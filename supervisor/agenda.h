#pragma once
// Who of many has something to do, and when first. Asking costs nothing, a change O(log n), and
// neither of them allocates.

#include <cstddef>
#include <set>
#include <utility>
#include <vector>

#include "conf/units.h"

namespace haguard::supervisor {

class Agenda {
 public:
  /// Numbered from 0; at first nobody has anything to do.
  explicit Agenda(std::size_t size = 0);

  /// kNever: nothing.
  void set(std::size_t who, Instant deadline);
  /// kNever when nobody has anything to do.
  [[nodiscard]] Instant next_deadline() const;
  /// Those whose deadline has come, the earliest first, behind what `due` has.
  void collect(Instant now, std::vector<std::size_t>& due) const;

 private:
  using Entry = std::pair<Instant, std::size_t>;
  std::vector<Instant> deadlines_;
  std::set<Entry> entries_;  ///< one for each of them
};

}  // namespace haguard::supervisor
