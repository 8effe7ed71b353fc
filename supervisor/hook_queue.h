#pragma once
// Which change of state is to be told next, to programs that may be slow: one at a time, in order,
// and of each router only the latest. Pure; never longer than there are routers.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conf/config.h"
#include "supervisor/event.h"

namespace haguard::supervisor {

/// Stopped is also what a router is before it is anything else.
enum class HookState : std::uint8_t { Stopped, Backup, Active, Fault };

/// "stopped", "backup", "active", "fault".
[[nodiscard]] std::string_view to_string(HookState state);
[[nodiscard]] HookState hook_state(const vrrp::Transition& transition);

struct HookCall {
  RouterId router = 0;
  HookState state = HookState::Stopped;
  HookState previous = HookState::Stopped;  ///< as told last
  std::string reason;
  int priority = 0;
};

/// "on_active" and what it runs. A router that was stopped is not Active any more, which is
/// on_backup's business if it was; else nothing runs.
struct HookList {
  std::string_view name;
  std::vector<conf::Hooks::Command> commands;
};
[[nodiscard]] HookList hook_list(const conf::Hooks& hooks, const HookCall& call);

class HookQueue {
 public:
  /// Takes the place of a waiting change of the same router. When the router is back in the state
  /// that was told last, nothing of it waits any more.
  void changed(const StateChanged& change);
  /// The next one, which counts as told from here on. Nothing while another one runs.
  [[nodiscard]] std::optional<HookCall> start();
  /// The one that start() gave is over.
  void finished() { running_ = false; }
  /// Nothing runs and nothing waits.
  [[nodiscard]] bool idle() const { return !running_ && waiting_.empty(); }

 private:
  std::map<RouterId, HookState> told_;  ///< Stopped when absent
  std::deque<HookCall> waiting_;
  bool running_ = false;
};

}  // namespace haguard::supervisor
