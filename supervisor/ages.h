#pragma once
// Times and spans of the status as people read them: for the screen and for the page.

#include <chrono>
#include <optional>
#include <string>

#include "supervisor/reload_status.h"

namespace haguard::supervisor {

/// What to_iso8601() writes, and nothing else.
[[nodiscard]] std::optional<WallTime> from_iso8601(const std::string& text);

/// "0.3 s", "42 s", "4 m 12 s", "2 h 5 m", "3 d 4 h": two units are enough to act on.
[[nodiscard]] std::string duration(std::chrono::milliseconds span);

/// "12:03:01", with the date when it is not that of `now`. Both in the form of to_iso8601().
[[nodiscard]] std::string clock_time(const std::string& then, const std::string& now);

}  // namespace haguard::supervisor
