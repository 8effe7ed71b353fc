#include "conf/keepalived/values.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "conf/report.h"

namespace haguard::conf::keepalived {
namespace {

constexpr std::size_t kMostDigits = 9;
constexpr std::size_t kLongestName = 64;
constexpr std::size_t kDecimals = 6;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c);
}

/// Digits only; none are a zero.
std::optional<int> digits(std::string_view text) {
  int value = 0;
  if (text.size() > kMostDigits || !std::ranges::all_of(text, is_digit)) {
    return std::nullopt;
  }
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

template <class T>
std::optional<At<T>> value_of(const Statement& statement, std::string_view expected,
                              const std::optional<T>& value, Findings& findings) {
  if (!value) {
    findings.dropped(statement.place,
                     fmt::format("{} {}: expected {}", printable(statement.keyword()),
                                 in_quotes(statement.argument(1)), expected));
    return std::nullopt;
  }
  refuse_rest(statement, 2, findings);
  return At<T>{statement.place, *value};
}

}  // namespace

bool has_room(std::size_t entries, const Place& place, Findings& findings) {
  if (entries >= kMostEntries) {
    findings.dropped(place, fmt::format("there are {} already", kMostEntries));
  }
  return entries < kMostEntries;
}

std::optional<int> integer(std::string_view text) {
  const bool negative = text.starts_with('-');
  text.remove_prefix(negative || text.starts_with('+') ? 1 : 0);
  const auto value = text.empty() ? std::nullopt : digits(text);
  return value ? std::optional(negative ? -*value : *value) : std::nullopt;
}

std::optional<Duration> seconds(std::string_view text) {
  const auto point = std::min(text.find('.'), text.size());
  const auto whole = digits(text.substr(0, point));
  std::string decimals(point < text.size() ? text.substr(point + 1) : "");
  if (!whole || (point == 0 && decimals.empty()) || !std::ranges::all_of(decimals, is_digit)) {
    return std::nullopt;
  }
  decimals.resize(kDecimals, '0');
  return std::chrono::seconds(*whole) + Duration(digits(decimals).value_or(0));
}

std::optional<At<std::string>> word_of(const Statement& statement, Findings& findings) {
  const auto word = statement.argument(1);
  return value_of(statement, "a word",
                  word.empty() ? std::nullopt : std::optional(std::string(word)), findings);
}

std::optional<At<int>> integer_of(const Statement& statement, Findings& findings) {
  return value_of(statement, "a number", integer(statement.argument(1)), findings);
}

std::optional<At<Duration>> seconds_of(const Statement& statement, Findings& findings) {
  return value_of(statement, "seconds", seconds(statement.argument(1)), findings);
}

std::optional<Place> switched_on(const Statement& statement, Findings& findings) {
  constexpr std::array<std::string_view, 3> kOff{"off", "false", "no"};
  constexpr std::array<std::string_view, 4> kOn{"", "on", "true", "yes"};
  const auto word = statement.argument(1);
  if (std::ranges::find(kOff, word) != kOff.end()) {
    return std::nullopt;
  }
  refuse_rest(statement, std::ranges::find(kOn, word) != kOn.end() ? 2 : 1, findings);
  return statement.place;
}

void refuse_rest(const Statement& statement, std::size_t words, Findings& findings) {
  for (std::size_t i = words; i < statement.words.size(); ++i) {
    findings.dropped(statement.place,
                     fmt::format("{} behind {} has no meaning there",
                                 in_quotes(statement.argument(i)), printable(statement.keyword())));
  }
  if (statement.has_block) {
    findings.dropped(statement.place,
                     fmt::format("the block of {} has no meaning, nor what is in it",
                                 in_quotes(statement.keyword())));
  }
}

std::string plain_name(std::string_view name) {
  std::string result(name.substr(0, kLongestName));
  std::ranges::replace_if(
      result, [](char c) { return !is_alphanumeric(c) && c != '_' && c != '.' && c != '-'; }, '_');
  return result.empty() ? "unnamed" : result;
}

std::string name_of(const Statement& statement, Findings& findings) {
  auto name = plain_name(statement.argument(1));
  if (name != statement.argument(1)) {
    findings.changed(statement.place,
                     fmt::format("the name {} becomes {}", in_quotes(statement.argument(1)), name));
  }
  for (std::size_t i = 2; i < statement.words.size(); ++i) {
    findings.dropped(statement.place, fmt::format("{} behind the name {} has no meaning there",
                                                  in_quotes(statement.argument(i)), name));
  }
  return name;
}

}  // namespace haguard::conf::keepalived
