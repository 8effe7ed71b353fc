#pragma once
// The command line of HAProxy (management guide, section 3, Starting HAProxy), as its own parser
// cuts it: which files it names, and with which arguments the same could be checked.

#include <string>
#include <string_view>
#include <vector>

namespace haguard::proxy {

struct Option {
  std::string name;  ///< "-f"; "--": its values are all that follows
  std::vector<std::string> values;

  bool operator==(const Option&) const = default;
};

/// `cmdline`: as /proc/<pid>/cmdline has it (proc(5)), the program first. 4096 options and 4096
/// values of one are read; a value that is missing is left out.
[[nodiscard]] std::vector<Option> options_of_command_line(std::string_view cmdline);

/// Arguments, without the program, for a check (-c) of what a reload would load. What belongs to
/// one start and not to the configuration is left out. -q would hide the alerts, and so would
/// `quiet` in the section `global` without -V. -S stays with -W: from 2.9 on one without the other
/// is an error.
[[nodiscard]] std::vector<std::string> check_arguments(const std::vector<Option>& options);

[[nodiscard]] bool has_option(const std::vector<Option>& options, std::string_view name);

}  // namespace haguard::proxy
