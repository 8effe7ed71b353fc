#include "conf/duration.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include <fmt/format.h>

namespace haguard::conf {
namespace {

struct Unit {
  std::string_view suffix;
  std::int64_t microseconds;
};

constexpr std::array kUnits{
    Unit{"us", 1},         Unit{"ms", 1'000},        Unit{"s", 1'000'000},
    Unit{"m", 60'000'000}, Unit{"h", 3'600'000'000},
};

/// Nine digits times the largest unit still fit into 64 bits, twice.
constexpr std::size_t kMostDigits = 9;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view take_digits(std::string_view& text) {
  const auto end = std::ranges::find_if_not(text, is_digit);
  const auto digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

std::optional<std::int64_t> number(std::string_view digits) {
  if (digits.empty() || digits.size() > kMostDigits) {
    return std::nullopt;
  }
  std::int64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

/// ".25" of a unit. Nothing when that is not a whole number of microseconds.
std::optional<std::int64_t> fraction(std::string_view digits, std::int64_t unit) {
  const auto value = number(digits);
  if (!value) {
    return std::nullopt;
  }
  std::int64_t divisor = 1;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    divisor *= 10;
  }
  const std::int64_t scaled = *value * unit;
  return scaled % divisor == 0 ? std::optional(scaled / divisor) : std::nullopt;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  const auto whole = number(take_digits(text));
  if (!whole) {
    return std::nullopt;
  }
  std::optional<std::string_view> decimals;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    decimals = take_digits(text);
  }
  const auto unit = std::ranges::find(kUnits, text, &Unit::suffix);
  if (unit == kUnits.end()) {
    return std::nullopt;
  }
  std::int64_t microseconds = *whole * unit->microseconds;
  if (decimals) {
    const auto part = fraction(*decimals, unit->microseconds);
    if (!part) {
      return std::nullopt;
    }
    microseconds += *part;
  }
  return Duration(microseconds);
}

std::string to_string(Duration duration) {
  const auto count = duration.count();
  const auto suits = [count](const Unit& unit) {
    // Minutes are left out: "255s" and "90s" read better among the seconds of VRRP.
    const bool hours = unit.suffix == "h" && count % unit.microseconds == 0;
    return count >= unit.microseconds && (hours || unit.microseconds <= 1'000'000);
  };
  auto unit = kUnits.rbegin();
  while (unit != kUnits.rend() && !suits(*unit)) {
    ++unit;
  }
  if (unit == kUnits.rend()) {
    return "0s";
  }
  auto text = fmt::format("{}.{:06}", count / unit->microseconds,
                          count % unit->microseconds * 1'000'000 / unit->microseconds);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) {
    text.pop_back();
  }
  return text.append(unit->suffix);
}

}  // namespace haguard::conf
