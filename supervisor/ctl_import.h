#pragma once
// `haguard import`: keepalived.conf to haguard.toml.

#include <string>

namespace haguard::supervisor {

struct ImportOptions {
  std::string file;    ///< keepalived.conf
  std::string output;  ///< empty: standard output, with all else on standard error
  bool force = false;  ///< also when `output` exists
};

/// Prints what was dropped or changed, and what haguard says of the result. The result is written
/// also when it has errors, to be mended; then the exit code is that of a failure.
[[nodiscard]] int import_configuration(const ImportOptions& options);

}  // namespace haguard::supervisor
