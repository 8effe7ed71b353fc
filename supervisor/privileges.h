#pragma once
// The capabilities of the daemon (capabilities(7)): which it needs, and what becomes of those that
// it has and does not need. docs/security.md has the reason for each.

#include <string>
#include <vector>

#include "conf/config.h"

namespace haguard::supervisor {

/// The names of the capabilities that are needed and not there.
[[nodiscard]] std::vector<std::string> missing_capabilities();

/// Whether the calling thread has CAP_IPC_LOCK: no limit of memory that it may lock.
[[nodiscard]] bool may_lock_memory();

/// Gives up what neither the daemon nor a program that it starts needs, whatever is configured
/// later. A program of root gets what the bounding set leaves, the same as by the unit. For the
/// start: threads have capabilities of their own, and those that run already keep theirs. Returns
/// what could not be given up.
[[nodiscard]] std::vector<std::string> drop_privileges(const conf::Haproxy& haproxy);

}  // namespace haguard::supervisor
