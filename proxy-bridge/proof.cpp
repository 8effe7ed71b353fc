#include "proxy-bridge/proof.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace haguard::proxy {
namespace {

bool is_open(const ProxyRow& row) {
  return row.frontend && row.status == "OPEN";
}

/// The first frontend that was OPEN and is something else now; one that is gone was taken out.
std::string closed_frontend(const std::vector<std::string>& were_open,
                            const std::vector<ProxyRow>& rows) {
  for (const ProxyRow& row : rows) {
    const bool was = std::ranges::find(were_open, row.name) != were_open.end();
    if (was && row.frontend && row.status != "OPEN") {
      return fmt::format("frontend {} is {}", row.name, row.status);
    }
  }
  return std::ranges::any_of(rows, is_open) ? "" : "no frontend is OPEN";
}

}  // namespace

Before before(const Condition& condition) {
  Before before{condition.master_pid,
                condition.worker_pid,
                condition.processes ? condition.processes->master.reloads : 0,
                {}};
  for (const ProxyRow& row : condition.proxies) {
    if (is_open(row)) {
      before.open_frontends.push_back(row.name);
    }
  }
  return before;
}

Proof::Verdict Proof::judge(const Condition& condition) {
  if (condition.master_pid != 0 && condition.master_pid != before_.master_pid) {
    return say(Verdict::Failed, fmt::format("HAProxy was restarted meanwhile (master {} -> {})",
                                            before_.master_pid, condition.master_pid));
  }
  if (condition.status == Status::Dead) {
    return say(Verdict::Failed, condition.detail);
  }
  const bool told = condition.lists > lists_ && condition.processes;
  counted_ = counted_ || (told && condition.processes->master.reloads > before_.reloads);
  if (!counted_) {
    return say(Verdict::Open, "the master has counted no reload yet");
  }
  // 3.1 and later set it to 0 when a reload begins: then it says something only at the end.
  if (condition.processes && condition.processes->failed_reloads > 0) {
    return say(Verdict::Failed,
               "HAProxy did not take the configuration and goes on with the one "
               "before; its own log says why");
  }
  if (!is_new_worker(condition)) {
    return say(Verdict::Open, "no new worker serves yet");
  }
  std::string closed = closed_frontend(before_.open_frontends, condition.proxies);
  return closed.empty() ? say(Verdict::Serving, {}) : say(Verdict::Open, std::move(closed));
}

/// It answers on the stats socket, and the master lists it as the one of this reload.
bool Proof::is_new_worker(const Condition& condition) const {
  if (condition.status != Status::Running || condition.blind ||
      condition.worker_pid == before_.worker_pid || !condition.processes) {
    return false;
  }
  const auto& workers = condition.processes->workers;
  return std::ranges::any_of(workers, [&](const Process& worker) {
    return worker.pid == condition.worker_pid && worker.reloads == 0;
  });
}

Proof::Verdict Proof::say(Verdict verdict, std::string reason) {
  reason_ = std::move(reason);
  return verdict;
}

}  // namespace haguard::proxy
