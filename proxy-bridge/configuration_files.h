#pragma once
// Port: which files HAProxy is configured with, and what stands in them.

#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "conf/config.h"
#include "proxy-bridge/configuration.h"

namespace haguard::proxy {

struct ConfigurationFiles {
  std::vector<ConfigurationFile> files;  ///< in the order in which HAProxy reads them
  /// Why some or all could not be read: "/etc/haproxy/haproxy.cfg: Permission denied".
  std::vector<std::string> failures;
};

/// What -f names.
struct ConfigurationSources {
  /// Files and directories, in order; absolute, but for those of a process whose directory is not
  /// known.
  std::vector<std::string> names;
  /// Of HAProxy, for relative names in the files. What is started by a service manager begins in /.
  std::string working_directory = "/";
  bool running = false;  ///< from a command line; otherwise of haproxy.config, where some may lack

  bool operator==(const ConfigurationSources&) const = default;
};

/// Those of the process; those of haproxy.config when `master_pid` is 0 or has ended.
[[nodiscard]] ConfigurationSources configuration_sources(const conf::Haproxy& haproxy,
                                                         int master_pid);

/// The files that a directory behind -f stands for, in HAProxy's order: those named *.cfg that are
/// not hidden. At most 4097; `failure` tells when not all could be listed.
[[nodiscard]] std::vector<std::filesystem::path> configuration_files_in(
    const std::filesystem::path& directory, std::error_code& failure);

/// Those that the running master was started with (`master_pid`, or 0 for what the pid file names);
/// when none runs, those of haproxy.config that exist. Reads /proc and the files, 16 MiB of each
/// and 64 MiB in all. It may have to wait, 200 ms at most, for a master that starts itself anew.
[[nodiscard]] ConfigurationFiles read_configuration_files(const conf::Haproxy& haproxy,
                                                          int master_pid = 0);

/// The values of -f in a command line as /proc/<pid>/cmdline has it, and what follows "--".
[[nodiscard]] std::vector<std::string> files_of_command_line(const std::string& cmdline);

}  // namespace haguard::proxy
