#pragma once
// The settings of an instance that hang together, one function each (settle_instance.cpp calls
// them in order).

#include "conf/keepalived/result.h"

namespace haguard::conf::keepalived {

void settle_version(const Instance& instance, const Globals& globals, ResultInstance& result,
                    Findings& findings);
void settle_interval(const Instance& instance, ResultInstance& result, Findings& findings);
/// Priority, preemption and what `state` does to them.
void settle_election(const Instance& instance, ResultInstance& result, Findings& findings);

}  // namespace haguard::conf::keepalived
