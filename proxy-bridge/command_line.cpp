#include "proxy-bridge/command_line.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace haguard::proxy {
namespace {

constexpr std::size_t kMost = 4096;

/// Options followed by one value, whatever it looks like.
constexpr std::array<std::string_view, 10> kWithValue{"-C", "-L", "-N",  "-S", "-f",
                                                      "-m", "-n", "-cc", "-p", "-x"};

/// They hand over from a process before, or are about the process and not what it loads.
constexpr std::array<std::string_view, 6> kOfOneStart{"-D", "-p", "-q", "-sf", "-st", "-x"};

bool is_in(const auto& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// Takes the first argument off.
std::string_view next(std::string_view& cmdline) {
  const auto end = cmdline.find('\0');
  const std::string_view argument = cmdline.substr(0, end);
  cmdline.remove_prefix(end == std::string_view::npos ? cmdline.size() : end + 1);
  return argument;
}

void take_value(Option& option, std::string_view& cmdline) {
  const std::string_view value = next(cmdline);
  if (option.values.size() < kMost) {
    option.values.emplace_back(value);
  }
}

void take_values(Option& option, std::string_view& cmdline) {
  if (option.name == "--") {
    while (!cmdline.empty()) {
      take_value(option, cmdline);
    }
  } else if (option.name == "-sf" || option.name == "-st") {
    while (!cmdline.empty() && !cmdline.starts_with('-')) {
      take_value(option, cmdline);  // a pid
    }
  } else if (is_in(kWithValue, option.name) && !cmdline.empty()) {
    take_value(option, cmdline);
  }
}

}  // namespace

std::vector<Option> options_of_command_line(std::string_view cmdline) {
  std::vector<Option> options;
  next(cmdline);
  while (!cmdline.empty() && options.size() < kMost) {
    Option option;
    option.name = next(cmdline);
    take_values(option, cmdline);
    options.push_back(std::move(option));
  }
  return options;
}

std::vector<std::string> check_arguments(const std::vector<Option>& options) {
  std::vector<std::string> arguments{"-c", "-V"};
  for (const Option& option : options) {
    if (!is_in(kOfOneStart, option.name)) {
      arguments.push_back(option.name);
      arguments.insert(arguments.end(), option.values.begin(), option.values.end());
    }
  }
  return arguments;
}

bool has_option(const std::vector<Option>& options, std::string_view name) {
  return std::ranges::find(options, name, &Option::name) != options.end();
}

}  // namespace haguard::proxy
