#pragma once
// A snapshot to render: an Active router whose check `web` is failing.

#include "supervisor/status.h"

namespace haguard::supervisor {

/// 2026-01-01T12:00:00Z and so many seconds.
inline WallTime noon_plus(double seconds) {
  using namespace std::chrono;
  return sys_days(year(2026) / 1 / 1) + hours(12) +
         milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

inline RouterStatus sample_router() {
  RouterStatus router;
  router.instance = "edge";
  router.interface = "etx2";
  router.virtual_router_id = 51;
  router.state = vrrp::State::Active;
  router.reason = "down timer expired";
  router.since = noon_plus(181);
  router.transitions = 2;
  router.fitness.effective = 50;
  router.fitness.adjustments = {{"web", -50}};
  router.addresses = {"172.28.1.254/32", "10.0.0.5/24"};
  router.holds_addresses = true;
  router.active_router = vrrp::IpAddress::v4(172, 28, 1, 2);
  router.active_priority = 50;
  router.election = "this node: 172.28.1.3 is better (priority 90, ours 50), but silent";
  return router;
}

inline proxy::Condition sample_haproxy() {
  proxy::Condition condition;
  condition.status = proxy::Status::Running;
  condition.version = "2.6.12";
  condition.master_pid = 10;
  condition.worker_pid = 11;
  condition.old_workers = 1;
  return condition;
}

inline Status sample_status() {
  Status status;
  status.node = "proxy-1";
  status.time = noon_plus(184);
  status.uptime_s = 12.5;
  status.routers = {sample_router()};
  status.checks = {{"haproxy", "haproxy", health::Status::Passing, noon_plus(60), "", 0},
                   {"web", "tcp", health::Status::Failing, noon_plus(180),
                    "connect 127.0.0.1:8080: refused", 1}};
  status.haproxy = sample_haproxy();
  status.peers = {{vrrp::IpAddress::v4(172, 28, 1, 3), 90, noon_plus(183.5)}};
  return status;
}

}  // namespace haguard::supervisor
