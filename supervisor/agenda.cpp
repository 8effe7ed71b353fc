#include "supervisor/agenda.h"

namespace haguard::supervisor {

Agenda::Agenda(std::size_t size) : deadlines_(size, kNever) {
  for (std::size_t who = 0; who < size; ++who) {
    entries_.emplace(kNever, who);
  }
}

void Agenda::set(std::size_t who, Instant deadline) {
  Instant& known = deadlines_.at(who);
  if (known == deadline) {
    return;
  }
  auto node = entries_.extract({known, who});
  node.value().first = known = deadline;
  entries_.insert(std::move(node));
}

Instant Agenda::next_deadline() const {
  return entries_.empty() ? kNever : entries_.begin()->first;
}

void Agenda::collect(Instant now, std::vector<std::size_t>& due) const {
  for (const auto& [deadline, who] : entries_) {
    if (deadline > now) {
      return;
    }
    due.push_back(who);
  }
}

}  // namespace haguard::supervisor
