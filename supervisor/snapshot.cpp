// Node::snapshot: everything an operator may ask for, copied out of the running parts.

#include <fmt/format.h>

#include "supervisor/election.h"
#include "supervisor/node.h"

namespace haguard::supervisor {
namespace {

template <typename At>
RouterStatus router_status(const VirtualRouter& router, Instant now, const At& at) {
  const conf::Instance& instance = router.instance();
  const vrrp::RouterState& state = router.state();
  RouterStatus status;
  status.id = router.id();
  status.instance = instance.name;
  status.family = router.family();
  status.interface = instance.interface;
  if (router.device()) {
    status.virtual_mac = router.device()->mac();
  }
  status.virtual_router_id = instance.virtual_router_id;
  status.state = state.state;
  status.reason = router.reason();
  status.since = at(router.since());
  status.transitions = router.transitions();
  status.fitness = router.fitness();
  if (router.held_down().until > now) {
    status.held_down_until = at(router.held_down().until);
    status.held_down_why = router.held_down().why;
  }
  status.election = election(router, now);
  for (const conf::VirtualAddress& address : router.holdings().addresses()) {
    status.addresses.push_back(
        fmt::format("{}/{}", address.address.to_string(), address.prefix_length));
  }
  status.holds_addresses = vrrp::holds_addresses(state);
  if (state.state == vrrp::State::Active) {
    status.active_router = router.own_address();
    status.active_priority = state.priority;
  } else if (state.active_router) {
    status.active_router = state.active_router;
    const auto peer = router.peers().find(*state.active_router);
    status.active_priority = peer == router.peers().end() ? 0 : peer->second.priority;
  }
  return status;
}

/// What the monitor sees of its end, and what its parent knows.
void add_detail(proxy::Condition& condition, const std::string& detail) {
  if (!detail.empty()) {
    condition.detail += (condition.detail.empty() ? "" : "; ") + detail;
  }
}

}  // namespace

Status Node::snapshot(Instant now, WallTime wall) const {
  const auto at = [&](Instant instant) {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(wall - (now - instant));
  };
  Status status;
  status.node = config_->node_name;
  status.time = wall;
  status.uptime_s = std::chrono::duration<double>(now - started_).count();
  status.mode = stopping_ ? "stopping" : std::string(to_string(drain_.mode()));
  status.mode_since = at(stopping_ ? now : drain_.since());
  for (const VirtualRouter& router : routers_) {
    status.routers.push_back(router_status(router, now, at));
    for (const auto& [address, peer] : router.peers()) {
      status.peers.push_back(
          {address, peer.priority, at(peer.last_advert), router.instance().name, router.family()});
    }
  }
  for (std::size_t check = 0; check < config_->checks.size(); ++check) {
    const Checks::Entry& entry = checks_.entries()[check];
    status.checks.push_back({config_->checks[check].name,
                             std::string(conf::to_string(config_->checks[check].type)),
                             entry.verdict.status(),
                             at(entry.since),
                             entry.detail,
                             entry.id,
                             {}});
    for (const CheckHistory::Change& change : entry.history.window(now)) {
      status.checks.back().history.push_back({at(change.at), change.to});
    }
  }
  if (checks_.monitor()) {
    status.haproxy = checks_.monitor()->condition();
    status.reloads = reloads_->status();
  }
  if (managed_) {
    status.haproxy_managed = true;
    add_detail(*status.haproxy, managed_->detail(now));
  }
  return status;
}

}  // namespace haguard::supervisor
