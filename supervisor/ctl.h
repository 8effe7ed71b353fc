#pragma once
// The client commands of the command line. Each returns the exit code of the process.

#include <optional>
#include <string>

#include "conf/parse.h"
#include "supervisor/control_client.h"

namespace haguard::supervisor {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitNotRunning = 3;
/// Of `haguard run`, to a service manager: not now, but perhaps later (EX_TEMPFAIL of sysexits.h).
inline constexpr int kExitTryAgain = 75;

inline constexpr const char* kDefaultConfigFile = "/etc/haguard/haguard.toml";

[[nodiscard]] std::string host_name();

/// What a daemon starts with, and the warnings about it in `problems`. Nothing when it would
/// refuse: then they are printed, and say why.
[[nodiscard]] std::optional<conf::Parsed> load_to_start(const std::string& config_file,
                                                        conf::Problems& problems);

/// What the daemon of that file runs with, as far as clients need it. Nothing when the file has
/// errors, which are printed; but one at its usual place that is just being edited must not keep
/// anybody from asking: then it is the defaults.
[[nodiscard]] std::optional<conf::Config> running_daemon(const std::string& config_file);

/// Prints why there was no answer; the exit code for it.
[[nodiscard]] int report(const ControlFailure& failure);

/// Sends a request that the daemon carries out in steps, and prints these and what came of it.
[[nodiscard]] int ask_and_print(const std::string& socket, const nlohmann::json& request,
                                std::chrono::seconds patience, bool json);

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

/// `haguard reload`: of haguard.toml.
[[nodiscard]] int reload(const std::string& config_file, bool json);

/// `haguard version`
int version();

}  // namespace haguard::supervisor
