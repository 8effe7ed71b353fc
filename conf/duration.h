#pragma once
// Durations as people write them: a number with a unit.

#include <optional>
#include <string>
#include <string_view>

#include "conf/units.h"

namespace haguard::conf {

/// "250ms", "0.5s", "5m"; the units are us, ms, s, m and h. Nothing for any other text, for parts
/// of a microsecond, and for numbers of more than nine digits.
[[nodiscard]] std::optional<Duration> parse_duration(std::string_view text);

/// "10ms", "40.95s", "1h": parse_duration() gives the same duration back.
[[nodiscard]] std::string to_string(Duration duration);

}  // namespace haguard::conf
