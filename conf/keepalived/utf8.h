#pragma once
// TOML is UTF-8 (toml.io, v1.0.0, "Spec"), keepalived.conf is whatever its author's editor wrote.

#include <string>
#include <string_view>

namespace haguard::conf::keepalived {

/// The text with a "?" for each byte that is no part of a character (RFC 3629 4).
[[nodiscard]] std::string as_utf8(std::string_view text);

}  // namespace haguard::conf::keepalived
