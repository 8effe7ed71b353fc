#pragma once
// `haguard drain` and `haguard undrain`: each asks the daemon and prints what was done, a line per
// step. They return the exit code of the process.

#include <string>

namespace haguard::supervisor {

struct DrainOptions {
  std::string timeout;  ///< "30s"; empty: as configured
  bool force = false;
  bool json = false;  ///< print the daemon's answer instead
};
[[nodiscard]] int drain(const std::string& config_file, const DrainOptions& options);
[[nodiscard]] int undrain(const std::string& config_file, bool json);

}  // namespace haguard::supervisor
