#pragma once
// What becomes of one vrrp_script (settle_checks.cpp decides which are checks at all).

#include <optional>

#include "conf/keepalived/result.h"

namespace haguard::conf::keepalived {

/// A check of type exec with keepalived's rhythm; its name and weight are left to the caller.
[[nodiscard]] ResultCheck exec_check(const Script& script, const Globals& globals,
                                     Findings& findings);

/// The script is the built-in check, to which its other keywords are of no use. `weight` is the one
/// that would count.
void tell_of_haproxy(const Script& script, const Tracked& tracked, std::optional<int> weight,
                     Findings& findings);

}  // namespace haguard::conf::keepalived
