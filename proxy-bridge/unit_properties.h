#pragma once
// What systemd starts HAProxy with, read from what `systemctl show` prints and from the files that
// it names. Texts are of the administrator, not of strangers, and yet bounded by who reads them.

#include <string>
#include <string_view>
#include <vector>

namespace haguard::proxy {

struct UnitProperties {
  std::vector<std::string> environment;        ///< "NAME=value"
  std::vector<std::string> environment_files;  ///< paths; they come after, so they prevail
  std::string working_directory;               ///< empty: not set
};

/// Of lines like `Environment=A=1 "B=two words"`, `EnvironmentFiles=/a (ignore_errors=yes)` and
/// `WorkingDirectory=!/srv` (systemctl(1); systemd.exec(5) has the properties).
[[nodiscard]] UnitProperties parse_unit_properties(std::string_view shown);

/// The assignments of a file of EnvironmentFile= (systemd.exec(5)) as "NAME=value".
[[nodiscard]] std::vector<std::string> parse_environment_file(std::string_view text);

/// The service that a process belongs to by its /proc/<pid>/cgroup (cgroups(7)); empty: none.
[[nodiscard]] std::string service_of_cgroup(std::string_view text);

/// The one of that name is replaced.
void set_variable(std::vector<std::string>& environment, const std::string& assignment);

}  // namespace haguard::proxy
