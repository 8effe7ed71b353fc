#pragma once
// Colours for the screen of `haguard status` on a terminal. Never the only carrier: the words are
// the same without them.

#include <string>
#include <string_view>

namespace haguard::supervisor {

/// The screen with states, verdicts and HAProxy's condition in colour (ECMA-48 SGR): green is well,
/// red is not, yellow waits or is out of service. What stands between them is as it was.
[[nodiscard]] std::string painted(std::string_view screen);

/// Standard output is a terminal, and nobody has asked for none (no-color.org).
[[nodiscard]] bool wants_colour();

}  // namespace haguard::supervisor
