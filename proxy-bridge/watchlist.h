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
  /// Watches these two, the former workers, and nobody else; 0 = not known.
  void update(int master, int worker, std::vector<Action>& out);
  /// A worker of before a reload: watched until it ends, as far as there is room.
  void add_former(int pid);
  [[nodiscard]] bool is_former(int pid) const { return former_.contains(pid); }
  /// "former worker 11 exited with code 0" when it is one of them.
  [[nodiscard]] std::optional<std::string> former_gone(const ProcessGone& gone);
  /// `role`: "worker", "master". False when it was not watched.
  bool gone(const char* role, const ProcessGone& gone);
  /// The death behind the others since the last recovery, "worker 11 died (signal 9)": the first
  /// one by a signal, for who exits has followed somebody; else the first one. Empty: none.
  [[nodiscard]] const std::string& cause() const { return cause_; }
  /// That death was the end of somebody who was told to stop.
  [[nodiscard]] bool was_orderly() const { return orderly_; }
  void recovered();

  [[nodiscard]] bool contains(int pid) const { return watched_.contains(pid); }
  [[nodiscard]] bool is_gone(int pid) const;

 private:
  std::set<int> watched_;
  std::set<int> former_;
  /// The last deaths. One of them that speaks again lives in another pid namespace, where pidfds
  /// of its number tell nothing: it is not watched any more.
  std::deque<int> gone_;
  std::string cause_;
  bool killed_ = false;  ///< the cause is a signal
  bool orderly_ = false;
};

}  // namespace haguard::proxy
