#include "supervisor/ctl_proxy.h"

#include <functional>
#include <iostream>

#include <nlohmann/json.hpp>

#include "supervisor/control_client.h"
#include "supervisor/ctl.h"
#include "supervisor/status.h"

namespace haguard::supervisor {
namespace {

using Json = nlohmann::json;

/// Beside the waiting for a turn: validation takes up to a minute, and ten times as long the proof.
constexpr std::chrono::minutes kPatience{12};

int ask_to_reload(const std::string& config_file, const Json& request, bool json) {
  const auto daemon = running_daemon(config_file);
  if (!daemon) {
    return kExitFailed;
  }
  const auto interval =
      std::chrono::duration_cast<std::chrono::seconds>(daemon->haproxy.reload.min_interval);
  return ask_and_print(daemon->control_socket, request, kPatience + interval, json);
}

/// Prints what `render` makes of the object "haproxy" of the status.
int show(const std::string& config_file, bool json,
         const std::function<std::string(const Json&)>& render) {
  const auto daemon = running_daemon(config_file);
  if (!daemon) {
    return kExitFailed;
  }
  const auto answer = ask_daemon(daemon->control_socket, {{"command", "status"}});
  if (const auto* failure = std::get_if<ControlFailure>(&answer)) {
    return report(*failure);
  }
  const Json& haproxy = std::get<Json>(answer).at("status").at("haproxy");
  if (haproxy.at("mode") == "none") {
    std::cerr << "haproxy: not watched\n";
    return kExitFailed;
  }
  std::cout << (json ? haproxy.dump(2) + "\n" : render(haproxy)) << std::flush;
  return kExitDone;
}

}  // namespace

int proxy_reload(const std::string& config_file, bool json) {
  return ask_to_reload(config_file, {{"command", "proxy-reload"}}, json);
}

int proxy_rollback(const std::string& config_file, std::optional<unsigned> generation, bool json) {
  Json request{{"command", "proxy-rollback"}};
  if (generation) {
    request["generation"] = *generation;
  }
  return ask_to_reload(config_file, request, json);
}

int proxy_status(const std::string& config_file, bool json) {
  return show(config_file, json, haproxy_text);
}

int proxy_history(const std::string& config_file, bool json) {
  return show(config_file, json, history_text);
}

}  // namespace haguard::supervisor
