#pragma once
// Port: the pid file of HAProxy's master.

#include <optional>
#include <string>

namespace haguard::proxy {

/// The process that the file names, when that is a HAProxy: the file stays behind when HAProxy
/// ends, and its number may be somebody else's by now.
[[nodiscard]] std::optional<int> haproxy_in(const std::string& pid_file);

}  // namespace haguard::proxy
