#pragma once
// Who has or would get the addresses of a virtual router, as this node sees it, and why: for the
// engineer who wonders.

#include <string>

#include "supervisor/virtual_router.h"

namespace haguard::supervisor {

/// "this node: priority 100, 172.28.1.3 has 90", "172.28.1.3: preempt is off (priority 90, ours
/// 100)". What is known of others is what was heard last, however long ago.
[[nodiscard]] std::string election(const VirtualRouter& router, Instant now);

}  // namespace haguard::supervisor
