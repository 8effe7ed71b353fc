#pragma once
// The other end of the control socket: one question, one answer, within a bounded time.

#include <string>
#include <variant>

#include <nlohmann/json.hpp>

namespace haguard::supervisor {

struct ControlFailure {
  bool not_running = false;
  std::string message;
};

/// The answer to `{"command": command}`, its "ok" being true, or why there is none.
[[nodiscard]] std::variant<nlohmann::json, ControlFailure> ask_daemon(const std::string& path,
                                                                      const std::string& command);

}  // namespace haguard::supervisor
