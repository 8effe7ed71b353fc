#include "supervisor/ctl_stay.h"

#include <chrono>
#include <iostream>

#include <nlohmann/json.hpp>

#include "supervisor/config_loader.h"
#include "supervisor/ctl.h"
#include "supervisor/service_job.h"

namespace haguard::supervisor {
namespace {

constexpr std::chrono::seconds kPatience{2};

}  // namespace

int stay(const std::string& config_file, const StayOptions& options) {
  if (options.if_restarting && !is_restarting()) {
    return kExitDone;
  }
  conf::Problems problems;
  const auto parsed = load_to_start(config_file, problems);
  if (!parsed) {
    std::cerr << "the next daemon would not start with this configuration: a stop hands the "
                 "addresses over\n";
    return kExitFailed;
  }
  return ask_and_print(parsed->config.control_socket,
                       {{"command", "stay"}, {"config", digest_of_config(*parsed)}}, kPatience,
                       false);
}

}  // namespace haguard::supervisor
