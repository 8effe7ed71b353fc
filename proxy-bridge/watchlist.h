#pragma once
// Which processes are watched: the master and the worker that serves, as far as they are known.

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "proxy-bridge/event.h"

namespace haguard::proxy {

class Watchlist {
 public:
  /// Watches these two and nobody else; 0 = not known.
  void update(int master, int worker, std::vector<Action>& out);
  /// False when it was not watched.
  bool gone(int pid);

  [[nodiscard]] bool contains(int pid) const { return watched_.contains(pid); }
  [[nodiscard]] bool is_gone(int pid) const;

 private:
  std::set<int> watched_;
  /// The last deaths. One of them that speaks again lives in another pid namespace, where pidfds
  /// of its number tell nothing: it is not watched any more.
  std::deque<int> gone_;
};

/// "worker 11 died (signal 9)", "worker 11 exited with code 1".
[[nodiscard]] std::string obituary(const char* role, const ProcessGone& gone);

}  // namespace haguard::proxy
