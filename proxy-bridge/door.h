#pragma once
// Port: does anybody listen on a UNIX socket? Asks the kernel alone: no connection is made, so the
// one who listens does not notice, and it costs him nothing however often it is asked.

#include <string>

namespace haguard::proxy {

/// The file is there, and nobody has it open as a socket. False when that cannot be told: there is
/// no such file, or it may not be opened.
[[nodiscard]] bool is_abandoned(const std::string& path);

}  // namespace haguard::proxy
