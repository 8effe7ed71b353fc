#pragma once
// Port: which process is HAProxy's master.

#include <optional>
#include <string>

namespace haguard::proxy {

/// The process that the file names, when that is a HAProxy: the file stays behind when HAProxy
/// ends, and its number may be somebody else's by now.
[[nodiscard]] std::optional<int> haproxy_in(const std::string& pid_file);

/// The process that listens on the socket (SO_PEERCRED of unix(7)), when that is a HAProxy. Does
/// not wait.
[[nodiscard]] std::optional<int> haproxy_behind(const std::string& master_socket);

}  // namespace haguard::proxy
