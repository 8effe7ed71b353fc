#include "supervisor/advice.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include "conf/report.h"
#include "proxy-bridge/configuration_files.h"
#include "supervisor/lint.h"
#include "supervisor/lint_haproxy.h"

namespace haguard::supervisor {
namespace {

void append(conf::Problems& all, conf::Problems more) {
  std::ranges::move(more, std::back_inserter(all));
}

bool is_set(const std::string& sysctl) {
  std::ifstream file("/proc/sys/net/" + sysctl);
  int value = 0;
  return file >> value && value != 0;
}

conf::Problems advice_about_haproxy(const conf::Parsed& parsed) {
  const auto read = proxy::read_configuration_files(parsed.config.haproxy);
  conf::Problems problems;
  for (const std::string& failure : read.failures) {
    problems.push_back({parsed.places.file(), 0, 0, conf::Severity::Warning,
                        "HAProxy's configuration is not looked at: " + failure});
  }
  if (!read.files.empty()) {
    append(problems, lint_haproxy(parsed, {.haproxy = proxy::parse_configuration(read.files),
                                           .complete = read.failures.empty(),
                                           .nonlocal_bind_ipv4 = is_set("ipv4/ip_nonlocal_bind"),
                                           .nonlocal_bind_ipv6 = is_set("ipv6/ip_nonlocal_bind")}));
  }
  return problems;
}

conf::Problems advice_about_binary(const conf::Parsed& parsed) {
  const std::string& binary = parsed.config.haproxy.binary;
  std::error_code failure;
  const bool is_file = std::filesystem::is_regular_file(binary, failure);
  if (is_file && ::access(binary.c_str(), X_OK) == 0) {
    return {};
  }
  return {{parsed.places.file(), 0, 0, conf::Severity::Error,
           fmt::format("haproxy.binary: {} {}: with haproxy.mode = \"managed\" it is to be run",
                       conf::printable(binary),
                       is_file ? "is not executable" : "is not there, or no file")}};
}

}  // namespace

conf::Problems advice(const conf::Parsed& parsed) {
  conf::Problems problems = parsed.warnings;
  append(problems, lint(parsed));
  if (parsed.config.haproxy.mode == conf::HaproxyMode::Managed) {
    append(problems, advice_about_binary(parsed));
  }
  if (parsed.config.haproxy.mode != conf::HaproxyMode::None) {
    append(problems, advice_about_haproxy(parsed));
  }
  return problems;
}

bool has_errors(const conf::Problems& problems) {
  return std::ranges::any_of(problems, [](const conf::Problem& problem) {
    return problem.severity == conf::Severity::Error;
  });
}

}  // namespace haguard::supervisor
