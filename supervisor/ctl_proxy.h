#pragma once
// `haguard proxy …`: HAProxy's reloads. Each returns the exit code of the process.

#include <optional>
#include <string>

namespace haguard::supervisor {

/// `haguard proxy reload`
[[nodiscard]] int proxy_reload(const std::string& config_file, bool json);
/// `haguard proxy rollback [N]`
[[nodiscard]] int proxy_rollback(const std::string& config_file, std::optional<unsigned> generation,
                                 bool json);
/// `haguard proxy status`
[[nodiscard]] int proxy_status(const std::string& config_file, bool json);
/// `haguard proxy history`
[[nodiscard]] int proxy_history(const std::string& config_file, bool json);

}  // namespace haguard::supervisor
