#pragma once
// The client commands of the command line. Each returns the exit code of the process.

#include <string>

namespace haguard::supervisor {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitNotRunning = 3;

inline constexpr const char* kDefaultConfigFile = "/etc/haguard/haguard.toml";

[[nodiscard]] std::string host_name();

/// `haguard check`: every problem of the file and of what is around it on this machine, then a
/// verdict in one line. `peer_file`: that of the other node, for what only the pair shows; or
/// empty.
[[nodiscard]] int check(const std::string& config_file, const std::string& peer_file);

struct StatusOptions {
  bool json = false;
  bool watch = false;
};
/// `haguard status`: asks the daemon of that configuration.
[[nodiscard]] int status(const std::string& config_file, StatusOptions options);

/// `haguard version`
[[nodiscard]] int version();

}  // namespace haguard::supervisor
