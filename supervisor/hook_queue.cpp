#include "supervisor/hook_queue.h"

#include <algorithm>
#include <utility>

#include "supervisor/messages.h"

namespace haguard::supervisor {

std::string_view to_string(HookState state) {
  switch (state) {
    case HookState::Stopped:
      return "stopped";
    case HookState::Backup:
      return "backup";
    case HookState::Active:
      return "active";
    case HookState::Fault:
      return "fault";
  }
  return {};
}

HookState hook_state(const vrrp::Transition& transition) {
  switch (transition.to) {
    case vrrp::State::Active:
      return HookState::Active;
    case vrrp::State::Backup:
      return HookState::Backup;
    case vrrp::State::Initialize:
      break;
  }
  return transition.cause == vrrp::Cause::Stopped ? HookState::Stopped : HookState::Fault;
}

HookList hook_list(const conf::Hooks& hooks, const HookCall& call) {
  switch (call.state) {
    case HookState::Active:
      return {"on_active", hooks.on_active};
    case HookState::Fault:
      return {"on_fault", hooks.on_fault};
    case HookState::Backup:
      return {"on_backup", hooks.on_backup};
    case HookState::Stopped:
      break;
  }
  return call.previous == HookState::Active ? HookList{"on_backup", hooks.on_backup} : HookList{};
}

void HookQueue::changed(const StateChanged& change) {
  const HookState state = hook_state(change.transition);
  const auto waiting = std::ranges::find(waiting_, change.router, &HookCall::router);
  const HookState told = told_[change.router];
  if (state == told) {
    if (waiting != waiting_.end()) {
      waiting_.erase(waiting);
    }
    return;
  }
  HookCall call{change.router, state, told, reason(change), change.own_priority};
  if (waiting != waiting_.end()) {
    *waiting = std::move(call);
  } else {
    waiting_.push_back(std::move(call));
  }
}

std::optional<HookCall> HookQueue::start() {
  if (running_ || waiting_.empty()) {
    return std::nullopt;
  }
  HookCall call = std::move(waiting_.front());
  waiting_.pop_front();
  told_[call.router] = call.state;
  running_ = true;
  return call;
}

}  // namespace haguard::supervisor
