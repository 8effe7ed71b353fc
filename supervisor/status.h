#pragma once
// A snapshot of everything an operator may ask for: made on the protocol loop, then immutable, read
// by the control socket, HTTP and the log. Its JSON form is a contract with users.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "health/priority.h"
#include "health/verdict.h"
#include "proxy-bridge/monitor.h"
#include "supervisor/reload_status.h"
#include "vrrp/address.h"
#include "vrrp/router.h"

namespace haguard::supervisor {

struct RouterStatus {
  std::string instance;
  vrrp::Family family = vrrp::Family::Ipv4;
  std::string interface;
  std::optional<vrrp::MacAddress> virtual_mac;  ///< none: that of the interface
  int virtual_router_id = 0;
  vrrp::State state = vrrp::State::Initialize;
  std::string reason;
  WallTime since;
  std::uint64_t transitions = 0;
  health::Fitness fitness;
  std::optional<WallTime> held_down_until;  ///< does not preempt before
  std::string held_down_why;
  std::vector<std::string> addresses;  ///< "172.28.1.254/32", whether held or not
  bool holds_addresses = false;
  std::optional<vrrp::IpAddress> active_router;  ///< ourselves when Active
  int active_priority = 0;
  std::string election;  ///< who wins, and why
  std::size_t id = 0;    ///< RouterId
};

/// A verdict and when it began.
struct CheckChange {
  WallTime time;
  health::Status status = health::Status::Pending;
};

struct CheckStatus {
  std::string name;
  std::string type;
  health::Status status = health::Status::Pending;
  WallTime since;
  std::string detail;
  std::size_t id = 0;                  ///< CheckId
  std::vector<CheckChange> history{};  ///< of the last hour, oldest first
};

struct PeerStatus {
  vrrp::IpAddress address;
  int priority = 0;
  WallTime last_advert;
  std::string instance = {};  ///< in which it was heard
  vrrp::Family family = vrrp::Family::Ipv4;
};

struct Status {
  std::string node;
  WallTime time;  ///< when it was taken
  double uptime_s = 0;
  std::string mode = "normal";  ///< "normal", "draining", "drained", "stopping"
  WallTime mode_since;
  std::string config_digest;  ///< SHA-256 of haguard.toml as it is in force
  std::vector<RouterStatus> routers;
  std::vector<CheckStatus> checks;
  std::optional<proxy::Condition> haproxy;  ///< none: not watched
  bool haproxy_managed = false;             ///< we run it
  ReloadStatus reloads;                     ///< of HAProxy
  std::vector<PeerStatus> peers;
};

/// Why this node could not hold its addresses now, one line for each router; empty: it could.
[[nodiscard]] std::string unready(const Status& status);

/// The object of `haguard status --json`.
[[nodiscard]] nlohmann::json to_json(const Status& status);

/// The part of it about HAProxy, from its object "haproxy".
[[nodiscard]] std::string haproxy_text(const nlohmann::json& haproxy);

/// The screen of `haguard status`, from that JSON: the client renders what the daemon sent.
[[nodiscard]] std::string to_text(const nlohmann::json& status);

}  // namespace haguard::supervisor
