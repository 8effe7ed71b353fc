#pragma once
// What the monitor knows of HAProxy: the health checks, the status and the metrics read it.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proxy-bridge/show.h"

namespace haguard::proxy {

enum class Status : std::uint8_t { Unknown, Running, Stopping, Hung, Dead };

/// "unknown", "running", "stopping", "hung", "dead".
[[nodiscard]] std::string_view to_string(Status status);

/// What is known now. `rounds` grows by one with each complete answer of a running HAProxy, and
/// `proxies` is from the last of them.
struct Condition {
  Status status = Status::Unknown;
  std::string detail;  ///< why, when it is not running: "worker 11 died (signal 9)"
  std::string version;
  int master_pid = 0;
  int worker_pid = 0;
  unsigned old_workers = 0;
  std::vector<ProxyRow> proxies;
  std::uint64_t rounds = 0;
};

}  // namespace haguard::proxy
