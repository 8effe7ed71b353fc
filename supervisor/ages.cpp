#include "supervisor/ages.h"

#include <charconv>
#include <string_view>

#include <fmt/format.h>

namespace haguard::supervisor {

std::optional<WallTime> from_iso8601(const std::string& text) {
  if (text.size() != std::string_view("2026-01-01T00:00:00.000Z").size()) {
    return std::nullopt;
  }
  const auto number = [&text](std::size_t position, std::size_t length) {
    unsigned value = 0;
    std::from_chars(text.data() + position, text.data() + position + length, value);
    return value;
  };
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(number(0, 4))),
                                         std::chrono::month(number(5, 2)),
                                         std::chrono::day(number(8, 2)));
  if (!date.ok()) {
    return std::nullopt;
  }
  return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(number(11, 2)) +
         std::chrono::minutes(number(14, 2)) + std::chrono::seconds(number(17, 2)) +
         std::chrono::milliseconds(number(20, 3));
}

std::string duration(std::chrono::milliseconds span) {
  const auto seconds = span.count() / 1000;
  if (seconds < 10) {
    return fmt::format("{:.1f} s", static_cast<double>(span.count()) / 1000);
  }
  if (seconds < 60) {
    return fmt::format("{} s", seconds);
  }
  if (seconds < 3600) {
    return fmt::format("{} m {} s", seconds / 60, seconds % 60);
  }
  if (seconds < 86400) {
    return fmt::format("{} h {} m", seconds / 3600, seconds / 60 % 60);
  }
  return fmt::format("{} d {} h", seconds / 86400, seconds / 3600 % 24);
}

std::string clock_time(const std::string& then, const std::string& now) {
  const bool today = then.substr(0, 10) == now.substr(0, 10);
  return (today ? "" : then.substr(0, 10) + " ") + then.substr(11, 8);
}

}  // namespace haguard::supervisor
