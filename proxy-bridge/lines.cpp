#include "proxy-bridge/lines.h"

#include <utility>

namespace haguard::proxy {

void Lines::ask(Line line, std::string command, std::vector<Action>& out) {
  last_[line] = ++count_;
  out.emplace_back(Ask{line, std::move(command), count_});
}

void Lines::knock(const conf::Endpoint& listener, std::vector<Action>& out) {
  last_[Line::Listener] = ++count_;
  out.emplace_back(Knock{listener, count_});
}

void Lines::hang_up(Line line, std::vector<Action>& out) {
  last_[line] = ++count_;
  out.emplace_back(HangUp{line});
}

bool Lines::is_late(Line line, std::uint64_t question) const {
  const auto last = last_.find(line);
  return question != 0 && (last == last_.end() || last->second != question);
}

}  // namespace haguard::proxy
