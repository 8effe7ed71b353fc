#include "supervisor/ctl_drain.h"

#include <chrono>
#include <iostream>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "conf/duration.h"
#include "supervisor/control_client.h"
#include "supervisor/ctl.h"
#include "supervisor/printable.h"
#include "supervisor/steps.h"

namespace haguard::supervisor {
namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;

/// Of the daemon beside the waiting for connections: the gate, and the hand-over.
constexpr std::chrono::seconds kReserve{30};
/// As the daemon limits it.
constexpr std::chrono::hours kLongestTimeout{24};

}  // namespace

int drain(const std::string& config_file, const DrainOptions& options) {
  Json request{{"command", "drain"}, {"force", options.force}};
  std::optional<Duration> timeout;
  if (!options.timeout.empty()) {
    timeout = conf::parse_duration(options.timeout);
    if (!timeout || *timeout > kLongestTimeout) {
      std::cerr << fmt::format(
          "--timeout: \"{}\" is no duration up to 24h, such as \"30s\" or \"5m\"\n",
          printable(options.timeout));
      return kExitUsage;
    }
    request["timeout_ms"] = std::chrono::duration_cast<milliseconds>(*timeout).count();
  }
  const auto daemon = running_daemon(config_file);
  if (!daemon) {
    return kExitFailed;
  }
  const auto longest =
      std::chrono::ceil<std::chrono::seconds>(timeout.value_or(daemon->haproxy.drain_timeout));
  return ask_and_print(daemon->control_socket, request, longest + kReserve, options.json);
}

int undrain(const std::string& config_file, bool json) {
  const auto daemon = running_daemon(config_file);
  return daemon ? ask_and_print(daemon->control_socket, {{"command", "undrain"}}, kReserve, json)
                : kExitFailed;
}

}  // namespace haguard::supervisor
