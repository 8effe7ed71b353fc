#pragma once
// Port: which process is HAProxy's master.

#include <optional>
#include <string>

#include <sys/types.h>

namespace haguard::proxy {

/// The process that the file names, when that is a HAProxy: the file stays behind when HAProxy
/// ends, and its number may be somebody else's by now.
[[nodiscard]] std::optional<int> haproxy_in(const std::string& pid_file);

/// The process that listens on the socket (SO_PEERCRED of unix(7)), when that is a HAProxy. Does
/// not wait.
[[nodiscard]] std::optional<int> haproxy_behind(const std::string& master_socket);

/// As /proc/<pid>/cmdline has it (proc(5)), 1 MiB at most; empty when there is no such process, and
/// for a moment when it executes a program: HAProxy's master does with each start of a worker.
[[nodiscard]] std::string command_line_of(int pid);

/// For a thread that may wait: passes over such a moment, 200 ms at most.
[[nodiscard]] std::string await_command_line_of(int pid);

[[nodiscard]] bool is_running(int pid);

/// The user that it runs as (effective, from /proc/<pid>/status); root when that cannot be read.
[[nodiscard]] uid_t user_of(int pid);

}  // namespace haguard::proxy
