#pragma once
// What the daemon asks of its process before it begins: rights, memory, priority, directories.

#include <string>
#include <vector>

#include "conf/config.h"

namespace haguard::supervisor {

/// The names of the capabilities that are needed and not there.
[[nodiscard]] std::vector<std::string> missing_capabilities();

/// File mode mask, SIGPIPE, runtime directory. Throws std::runtime_error when the directory cannot
/// be made.
void prepare_process(const conf::Process& settings);

/// Locks memory and raises the priority of the calling thread, and of no thread it starts. Returns
/// what was refused; the daemon works without.
[[nodiscard]] std::vector<std::string> claim_resources(const conf::Process& settings);

}  // namespace haguard::supervisor
