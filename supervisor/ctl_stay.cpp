#include "supervisor/ctl_stay.h"

#include <chrono>
#include <iostream>
#include <optional>
#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

#include "conf/parse.h"
#include "supervisor/advice.h"
#include "supervisor/config_loader.h"
#include "supervisor/ctl.h"
#include "supervisor/service_job.h"

namespace haguard::supervisor {
namespace {

constexpr std::chrono::seconds kPatience{2};

/// Says why not, if the next daemon would not start with it.
std::optional<conf::Parsed> valid(const std::string& config_file) {
  auto result = conf::load(config_file, host_name());
  auto* parsed = std::get_if<conf::Parsed>(&result);
  const auto problems = parsed ? advice(*parsed) : std::get<conf::Problems>(result);
  if (!has_errors(problems)) {
    return std::move(*parsed);
  }
  for (const conf::Problem& problem : problems) {
    std::cerr << problem.to_string() << "\n";
  }
  std::cerr
      << "the next daemon would not start with this configuration: a stop hands the addresses "
         "over\n";
  return std::nullopt;
}

}  // namespace

int stay(const std::string& config_file, const StayOptions& options) {
  if (options.if_restarting && !is_restarting()) {
    return kExitDone;
  }
  const auto parsed = valid(config_file);
  if (!parsed) {
    return kExitFailed;
  }
  return ask_and_print(parsed->config.control_socket,
                       {{"command", "stay"}, {"config", digest_of_config(*parsed)}}, kPatience,
                       false);
}

}  // namespace haguard::supervisor
