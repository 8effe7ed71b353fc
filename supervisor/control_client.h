#pragma once
// The other end of the control socket: one question, one answer, within a bounded time.

#include <chrono>
#include <string>
#include <variant>

#include <nlohmann/json.hpp>

namespace haguard::supervisor {

struct ControlFailure {
  bool not_running = false;
  std::string message;
};

/// The answer to `{"command": …, …}`, whether its "ok" is true or not, or why there is none.
/// `patience`: for the answer, once the daemon has the request.
[[nodiscard]] std::variant<nlohmann::json, ControlFailure> ask_daemon(
    const std::string& path, const nlohmann::json& request,
    std::chrono::seconds patience = std::chrono::seconds(5));

}  // namespace haguard::supervisor
