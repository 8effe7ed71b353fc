#pragma once
// From the running configuration to the next one: what differs, and why it cannot be taken while
// the daemon runs. Pure.

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "conf/parse.h"

namespace haguard::supervisor {

/// What an instance needs of this machine before it can do anything.
struct LocalLinks {
  std::set<std::string> present;                             ///< interfaces
  std::set<std::pair<std::string, vrrp::Family>> addressed;  ///< with an address to send from
};

struct ConfigChange {
  /// One per difference: "instance edge: priority 100 -> 120". Never a secret.
  std::vector<std::string> lines;
  /// All errors. While there is one nothing may be changed.
  conf::Problems objections;
};

/// What takes a restart is an objection; so is an interface that is missing, or has no address of a
/// family, and is asked for the first time: taking it would put an instance that works into a
/// fault.
[[nodiscard]] ConfigChange config_change(const conf::Config& running, const conf::Parsed& next,
                                         const LocalLinks& links);

}  // namespace haguard::supervisor
