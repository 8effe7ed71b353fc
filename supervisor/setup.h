#pragma once
// What the daemon asks of its process before it begins: memory, priority, directories.

#include <string>
#include <vector>

#include "conf/config.h"

namespace haguard::supervisor {

/// File mode mask, SIGPIPE, runtime directory. Throws std::runtime_error when the directory cannot
/// be made.
void prepare_process(const conf::Process& settings);

/// For the start, while all capabilities are there (supervisor/privileges.h). Locks memory, with
/// CAP_IPC_LOCK or without a limit only, and raises the priority of the calling thread, and of no
/// thread it starts. Returns what was refused; the daemon works without.
[[nodiscard]] std::vector<std::string> claim_resources(const conf::Process& settings);

}  // namespace haguard::supervisor
