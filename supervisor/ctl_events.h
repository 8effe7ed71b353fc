#pragma once
// `haguard events`: what happened, in the words of the log.

#include <string>

namespace haguard::supervisor {

struct EventsOptions {
  bool follow = false;  ///< until interrupted, over restarts of the daemon
  bool json = false;    ///< one object per line
  int last = 20;        ///< how many of those that have happened already
};

/// The exit code.
[[nodiscard]] int events(const std::string& config_file, const EventsOptions& options);

}  // namespace haguard::supervisor
