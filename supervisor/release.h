#pragma once
// `haguard release`: takes off the virtual addresses that a dead daemon left behind.

#include <string>

namespace haguard::supervisor {

struct ReleaseOptions {
  /// Leaves what has a lease: a daemon that is restarted adopts it, else it goes by itself.
  bool keep_leased = false;
};

/// The exit code of the process. Refuses while a daemon of that configuration runs. With a
/// configuration that has errors it works for a service manager only ($RUNTIME_DIRECTORY): what is
/// on record there.
[[nodiscard]] int release(const std::string& config_file, ReleaseOptions options);

}  // namespace haguard::supervisor
