#pragma once
// Port: which files HAProxy is configured with, and what stands in them.

#include <string>
#include <vector>

#include "conf/config.h"
#include "proxy-bridge/configuration.h"

namespace haguard::proxy {

struct ConfigurationFiles {
  std::vector<ConfigurationFile> files;  ///< in the order in which HAProxy reads them
  /// Why some or all could not be read: "/etc/haproxy/haproxy.cfg: Permission denied".
  std::vector<std::string> failures;
};

/// Those that the running master was started with (`master_pid`, or 0 for what the pid file names);
/// when none runs, those of haproxy.config that exist. Reads /proc and the files, 16 MiB of each
/// and 64 MiB in all. It may have to wait, 200 ms at most, for a master that starts itself anew.
[[nodiscard]] ConfigurationFiles read_configuration_files(const conf::Haproxy& haproxy,
                                                          int master_pid = 0);

/// The values of -f in a command line as /proc/<pid>/cmdline has it, and what follows "--".
[[nodiscard]] std::vector<std::string> files_of_command_line(const std::string& cmdline);

}  // namespace haguard::proxy
