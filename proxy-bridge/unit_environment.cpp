#include "proxy-bridge/unit_environment.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <variant>

#include "conf/file.h"
#include "proxy-bridge/child.h"

namespace haguard::proxy {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargest = std::size_t{1} << 20U;
constexpr int kTries = 4;
constexpr auto kPause = std::chrono::milliseconds(1);

/// What HAProxy sets for its configuration and its own next start (management guide, section 3;
/// configuration manual, 2.4), and what systemd says to one process and no other (sd_notify(3)).
constexpr std::array<std::string_view, 18> kOfOneStart{"HAPROXY_BRANCH",
                                                       "HAPROXY_CFGFILES",
                                                       "HAPROXY_CLI",
                                                       "HAPROXY_HTTP_LOG_FMT",
                                                       "HAPROXY_HTTPS_LOG_FMT",
                                                       "HAPROXY_LOCALPEER",
                                                       "HAPROXY_MASTER_CLI",
                                                       "HAPROXY_MWORKER",
                                                       "HAPROXY_MWORKER_REEXEC",
                                                       "HAPROXY_MWORKER_WAIT_ONLY",
                                                       "HAPROXY_PROCESSES",
                                                       "HAPROXY_STARTUP_VERSION",
                                                       "HAPROXY_TCP_LOG_FMT",
                                                       "LISTEN_FDS",
                                                       "LISTEN_PID",
                                                       "NOTIFY_SOCKET",
                                                       "WATCHDOG_PID",
                                                       "WATCHDOG_USEC"};

fs::path directory_of(int pid) {
  return fs::path("/proc") / std::to_string(pid);
}

std::string text_of(const fs::path& path) {
  auto content = conf::read_file(path, kLargest);
  auto* file = std::get_if<conf::FileContent>(&content);
  return file != nullptr ? std::move(file->text) : std::string();
}

/// A process has none in the moment of its execve(2), and HAProxy's master starts itself anew in
/// each reload.
std::string environment_of(int pid) {
  const fs::path file = directory_of(pid) / "environ";
  std::string text = text_of(file);
  for (int i = 1; i < kTries && text.empty(); ++i) {
    std::this_thread::sleep_for(kPause);
    text = text_of(file);
  }
  return text;
}

bool is_of_one_start(std::string_view assignment) {
  const std::string_view name = assignment.substr(0, assignment.find('='));
  return std::ranges::find(kOfOneStart, name) != kOfOneStart.end();
}

}  // namespace

std::string service_of(int pid) {
  std::error_code failure;
  const bool systemd = fs::is_directory("/run/systemd/system", failure);  // sd_booted(3)
  return systemd ? service_of_cgroup(text_of(directory_of(pid) / "cgroup")) : std::string();
}

std::vector<std::string> command_to_show(const std::string& service) {
  return {"/usr/bin/systemctl",
          "show",
          "--no-pager",
          "-p",
          "Environment,EnvironmentFiles,WorkingDirectory",
          "--",
          service};
}

Surroundings surroundings_of(const UnitProperties& unit) {
  Surroundings result{{kPath}};
  for (const std::string& assignment : unit.environment) {
    set_variable(result.environment, assignment);
  }
  for (const std::string& path : unit.environment_files) {
    const auto content = conf::read_file(path, kLargest);
    if (const auto* file = std::get_if<conf::FileContent>(&content)) {
      for (const std::string& assignment : parse_environment_file(file->text)) {
        set_variable(result.environment, assignment);
      }
    }
  }
  if (unit.working_directory.starts_with('/')) {
    result.directory = unit.working_directory;
  }
  return result;
}

Surroundings surroundings_of(int pid) {
  Surroundings result{{kPath}};
  const std::string text = environment_of(pid);
  for (std::string_view rest = text; !rest.empty();) {
    const std::string assignment(rest.substr(0, rest.find('\0')));
    rest.remove_prefix(std::min(assignment.size() + 1, rest.size()));
    if (assignment.find('=') != std::string::npos && !is_of_one_start(assignment)) {
      set_variable(result.environment, assignment);
    }
  }
  std::error_code failure;
  const fs::path directory = fs::read_symlink(directory_of(pid) / "cwd", failure);
  if (!failure) {
    result.directory = directory.string();
  }
  return result;
}

}  // namespace haguard::proxy
