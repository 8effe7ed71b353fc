// haguard.toml: whatever the text is, it gives a configuration that can be run or at least one
// error, and every problem is a line that a terminal can show.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

#include "conf/parse.h"

namespace {

using namespace haguard;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

void check_problems(const conf::Problems& problems) {
  for (const conf::Problem& problem : problems) {
    const std::string line = problem.to_string();
    require(line.starts_with("haguard.toml:"));
    require(std::ranges::none_of(
        line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }));
  }
}

bool is_one_word(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

/// Nothing of it can begin another line of a request.
void check_request(const conf::Check& check) {
  require(check.target.port != 0 && !check.http.status.empty());
  require(check.http.path.starts_with('/') && is_one_word(check.http.path));
  require(is_one_word(check.http.method) && is_one_word(check.http.host));
}

void check_type(const conf::Check& check) {
  using conf::CheckType;
  require(check.type != CheckType::Tcp || check.target.port != 0);
  require(check.type != CheckType::Interface || !check.interface.empty());
  require(check.type != CheckType::Gateway || !check.gateway.is_unspecified());
  require(check.type != CheckType::Exec ||
          (!check.command.empty() && check.command.front().starts_with('/')));
  require(check.type != CheckType::File || check.path.starts_with('/'));
  if (check.type == CheckType::Http) {
    check_request(check);
  }
}

void check_config(const conf::Config& config) {
  require(!config.instances.empty());
  for (const conf::Instance& instance : config.instances) {
    require(!instance.name.empty() && !instance.interface.empty());
    require(instance.virtual_router_id != 0 && instance.priority != 0);
    require(instance.advertisement_interval >= std::chrono::milliseconds(10));
    require(!instance.virtual_addresses.empty());
    require(!instance.password || instance.version == conf::Version::V2);
    require(std::ranges::is_sorted(instance.garp.schedule));
  }
  for (const conf::Check& check : config.checks) {
    require(check.rise > 0 && check.fall > 0 && check.timeout > Duration(0));
    check_type(check);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto result = conf::parse(text, "haguard.toml", "host-1");
  if (const auto* parsed = std::get_if<conf::Parsed>(&result)) {
    check_config(parsed->config);
    check_problems(parsed->warnings);
    require(std::ranges::all_of(parsed->warnings, [](const conf::Problem& problem) {
      return problem.severity == conf::Severity::Warning;
    }));
  } else {
    const auto& problems = std::get<conf::Problems>(result);
    check_problems(problems);
    require(std::ranges::any_of(problems, [](const conf::Problem& problem) {
      return problem.severity == conf::Severity::Error;
    }));
  }
  return 0;
}
