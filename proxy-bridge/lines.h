#pragma once
// Numbers the questions, so that an event can be told from one that came too late. Actions are
// carried out a moment after they were decided; what a connection says until then was said to a
// former question, and must not be taken for the answer to the new one.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "proxy-bridge/event.h"

namespace haguard::proxy {

class Lines {
 public:
  void ask(Line line, std::string command, std::vector<Action>& out);
  void knock(const conf::Endpoint& listener, std::vector<Action>& out);
  void hang_up(Line line, std::vector<Action>& out);

  /// Not about the last question on this line. An event without a number never is late.
  [[nodiscard]] bool is_late(Line line, std::uint64_t question) const;

 private:
  std::uint64_t count_ = 0;
  std::map<Line, std::uint64_t> last_;  ///< a line that was hung up has a number nobody was given
};

}  // namespace haguard::proxy
