// How the node ends: hands its addresses over, or leaves them to the daemon that is started next.

#include <algorithm>

#include <fmt/format.h>

#include "supervisor/node.h"

namespace haguard::supervisor {
namespace {

/// From the request to the stop that it is about.
constexpr Duration kStay = std::chrono::seconds(10);

}  // namespace

void Node::stop(Instant now, Output& out) {
  if (!stopping_ && stays(now)) {
    exited_ = true;
    out.actions.emplace_back(Exit{});
    return;
  }
  if (stopping_ && managed_) {
    managed_->hurry(now, out);
  }
  stopping_ = true;
  drain_.stop(out);
}

void Node::stay_asked(const StayRequested& asked, Instant now, Output& out) {
  const auto obstacle = why_not_stay();
  if (!obstacle) {
    stay_until_ = now + kStay;
  }
  out.notices.emplace_back(RequestDone{
      asked.request,
      !obstacle,
      obstacle ? "a stop hands the addresses over: " + *obstacle
               : "a stop in the next 10 s leaves the addresses to the daemon that is started next",
      {}});
}

/// All or nothing: what is left behind must be adopted in time, or nobody serves it.
std::optional<std::string> Node::why_not_stay() const {
  if (managed_) {
    return "HAProxy is run by this daemon, and is stopped with it";
  }
  if (!drain_.idle()) {
    return "a drain is under way";
  }
  for (const VirtualRouter& router : routers_) {
    if (const auto obstacle = router.why_not_left()) {
      return fmt::format("{}: {}", router.name(), *obstacle);
    }
  }
  return std::nullopt;
}

/// HAProxy is stopped last: while there are addresses, it serves.
void Node::exit_when_released(Instant now, Output& out) {
  if (!stopping_ || exited_) {
    return;
  }
  const bool held = std::ranges::any_of(
      routers_, [](const VirtualRouter& router) { return vrrp::holds_addresses(router.state()); });
  if (!held && (!managed_ || managed_->stop(now, out))) {
    exited_ = true;
    out.actions.emplace_back(Exit{});
  }
}

}  // namespace haguard::supervisor
