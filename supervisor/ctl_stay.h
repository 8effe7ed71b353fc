#pragma once
// `haguard stay`: before a restart of the daemon, so that no address moves.

#include <string>

namespace haguard::supervisor {

struct StayOptions {
  bool if_restarting = false;  ///< does nothing unless systemd restarts the unit that we are in
};

/// Asks the daemon to leave its addresses to the next one; not when that would be refused for its
/// configuration. Returns the exit code of the process.
[[nodiscard]] int stay(const std::string& config_file, const StayOptions& options);

}  // namespace haguard::supervisor
