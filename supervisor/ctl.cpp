#include "supervisor/ctl.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <optional>
#include <thread>
#include <unistd.h>
#include <utility>

#include <boost/version.hpp>
#include <fmt/format.h>
#include <netlink/version.h>
#include <nlohmann/json.hpp>
#include <spdlog/version.h>

#include "conf/compare.h"
#include "conf/parse.h"
#include "supervisor/advice.h"
#include "supervisor/control_client.h"
#include "supervisor/lint.h"
#include "supervisor/paint.h"
#include "supervisor/printable.h"
#include "supervisor/status.h"
#include "supervisor/steps.h"
#include "supervisor/version.h"

namespace haguard::supervisor {
namespace {

/// HAProxy's files are looked at as well.
constexpr std::chrono::seconds kReloadPatience{60};
constexpr std::chrono::seconds kWatchInterval{1};
constexpr const char* kClearScreen = "\x1b[H\x1b[2J";

/// "1 error", "2 errors"
std::string plural(std::ptrdiff_t count, const std::string& noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::ptrdiff_t count(const conf::Problems& problems, conf::Severity severity) {
  return std::ranges::count(problems, severity, &conf::Problem::severity);
}

std::string with_warnings(const std::string& verdict, const conf::Problems& problems) {
  const auto warnings = count(problems, conf::Severity::Warning);
  return warnings == 0 ? verdict : verdict + ", " + plural(warnings, "warning");
}

void print(const conf::Problems& problems, std::ostream& out) {
  for (const conf::Problem& problem : problems) {
    out << problem.to_string() << "\n";
  }
}

void append(conf::Problems& all, conf::Problems more) {
  std::ranges::move(more, std::back_inserter(all));
}

/// Nothing when the file has errors, which are then among the problems.
std::optional<conf::Parsed> valid_or_report(const std::string& file, conf::Problems& problems) {
  auto result = conf::load(file, host_name());
  if (auto* parsed = std::get_if<conf::Parsed>(&result)) {
    return std::move(*parsed);
  }
  append(problems, std::get<conf::Problems>(std::move(result)));
  return std::nullopt;
}

/// Prints one answer, or why there is none.
int show_status(const std::string& socket, bool json) {
  const auto answer = ask_daemon(socket, {{"command", "status"}});
  if (const auto* failure = std::get_if<ControlFailure>(&answer)) {
    return report(*failure);
  }
  const auto& found = std::get<nlohmann::json>(answer).at("status");
  const std::string screen = json ? found.dump(2) + "\n" : to_text(found);
  std::cout << (!json && wants_colour() ? painted(screen) : screen) << std::flush;
  return kExitDone;
}

}  // namespace

std::optional<conf::Config> running_daemon(const std::string& config_file) {
  const auto result = conf::load(config_file, host_name(), conf::Purpose::Ask);
  if (const auto* parsed = std::get_if<conf::Parsed>(&result)) {
    return parsed->config;
  }
  print(std::get<conf::Problems>(result), std::cerr);
  return config_file == kDefaultConfigFile ? std::optional(conf::Config{}) : std::nullopt;
}

int report(const ControlFailure& failure) {
  std::cerr << failure.message << std::endl;
  return failure.not_running ? kExitNotRunning : kExitFailed;
}

int ask_and_print(const std::string& socket, const nlohmann::json& request,
                  std::chrono::seconds patience, bool json) {
  const auto result = ask_daemon(socket, request, patience);
  if (const auto* failure = std::get_if<ControlFailure>(&result)) {
    return report(*failure);
  }
  const auto& answer = std::get<nlohmann::json>(result);
  const bool ok = answer.at("ok").get<bool>();
  if (json) {
    std::cout << answer.dump(2) << "\n";
  } else {
    print_steps(answer);
    std::ostream& out = ok ? std::cout : std::cerr;
    for (const nlohmann::json& line : answer.value("lines", nlohmann::json::array())) {
      out << printable(line.get<std::string>()) << "\n";
    }
    out << printable(answer.value(ok ? "detail" : "error", "")) << "\n";
  }
  return ok ? kExitDone : kExitFailed;
}

std::string host_name() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

std::optional<conf::Parsed> load_to_start(const std::string& config_file,
                                          conf::Problems& problems) {
  auto parsed = valid_or_report(config_file, problems);
  if (parsed) {
    append(problems, advice(*parsed));
  }
  if (has_errors(problems)) {
    print(problems, std::cerr);
    return std::nullopt;
  }
  return parsed;
}

int check(const std::string& config_file, const std::string& peer_file) {
  conf::Problems problems;
  const auto ours = valid_or_report(config_file, problems);
  const auto peer = peer_file.empty() ? std::nullopt : valid_or_report(peer_file, problems);
  if (ours) {
    append(problems, advice(*ours));
  }
  if (peer) {
    append(problems, peer->warnings);
  }
  if (ours && peer) {
    append(problems, conf::compare(*ours, *peer));
    append(problems, lint_weights(*ours, *peer));
  }
  print(problems, std::cout);
  if (has_errors(problems)) {
    const auto errors = plural(count(problems, conf::Severity::Error), "error");
    std::cout << with_warnings(fmt::format("{}: {}", config_file, errors), problems) << "\n";
    return kExitFailed;
  }
  std::cout << with_warnings(
                   fmt::format("OK: {}, {}", plural(std::ssize(ours->config.instances), "instance"),
                               plural(std::ssize(ours->config.checks), "check")),
                   problems)
            << "\n";
  return kExitDone;
}

int status(const std::string& config_file, StatusOptions options) {
  const auto daemon = running_daemon(config_file);
  if (!daemon) {
    return kExitFailed;
  }
  const std::string& socket = daemon->control_socket;
  if (!options.watch) {
    return show_status(socket, options.json);
  }
  // Until interrupted; a daemon that is away for a moment is worth watching as well.
  for (;;) {
    if (!options.json) {
      std::cout << kClearScreen;
    }
    static_cast<void>(show_status(socket, options.json));
    std::this_thread::sleep_for(kWatchInterval);
  }
}

int reload(const std::string& config_file, bool json) {
  const auto result = conf::load(config_file, host_name(), conf::Purpose::Ask);
  if (const auto* parsed = std::get_if<conf::Parsed>(&result)) {
    return ask_and_print(parsed->config.control_socket, {{"command", "reload"}}, kReloadPatience,
                         json);
  }
  // The daemon would say the same, but where it listens stands in this file.
  print(std::get<conf::Problems>(result), std::cerr);
  std::cerr << "refused: the daemon was not asked, and goes on as before\n";
  return kExitFailed;
}

int version() {
  std::cout << fmt::format(
      "haguard {}\n"
      "commit: {}\n"
      "build: {}\n"
      "libraries: Boost {}.{}.{}, fmt {}.{}.{}, {}, nlohmann-json {}.{}.{}, spdlog {}.{}.{}\n",
      kVersion, kCommit, kBuild, BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000,
      BOOST_VERSION % 100, FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100,
      LIBNL_STRING, NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR,
      NLOHMANN_JSON_VERSION_PATCH, SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR, SPDLOG_VER_PATCH);
  return kExitDone;
}

}  // namespace haguard::supervisor
