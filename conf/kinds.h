#pragma once
// The kinds of values that haguard.toml is made of. Each kind is (or returns) a function from Value
// to std::optional; nothing means that the problem has been reported.

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "conf/duration.h"
#include "conf/reader.h"
#include "conf/units.h"

namespace haguard::conf {

/// No duration of the file is longer.
inline constexpr Duration kLongestDuration = std::chrono::hours(24);

[[nodiscard]] std::optional<bool> boolean(const Value& value);
/// Of an instance, a check, a node: 1 to 64 letters, digits and "_.-".
[[nodiscard]] std::optional<std::string> name(const Value& value);
/// Of a frontend or backend: as above with ":", as in HAProxy. They go into its commands.
[[nodiscard]] bool is_proxy_name(std::string_view text);
[[nodiscard]] std::optional<std::string> proxy_name(const Value& value);
[[nodiscard]] std::optional<std::string> interface_name(const Value& value);
[[nodiscard]] std::optional<std::string> address_label(const Value& value);
[[nodiscard]] std::optional<std::string> absolute_path(const Value& value);
/// As absolute_path, and short enough for a UNIX socket.
[[nodiscard]] std::optional<std::string> socket_path(const Value& value);
/// Of any length up to kLongestDuration.
[[nodiscard]] std::optional<Duration> duration(const Value& value);

[[nodiscard]] inline auto duration_between(Duration least, Duration most) {
  return [least, most](const Value& value) -> std::optional<Duration> {
    const auto result = duration(value);
    if (result && (*result < least || *result > most)) {
      value.refuse(fmt::format("{} to {}", to_string(least), to_string(most)));
      return std::nullopt;
    }
    return result;
  };
}

template <std::integral T>
[[nodiscard]] auto integer_between(T least, T most) {
  return [least, most](const Value& value) -> std::optional<T> {
    const auto expected = fmt::format("an integer from {} to {}", least, most);
    const auto result = value.integer(expected);
    if (!result) {
      return std::nullopt;
    }
    if (std::cmp_less(*result, least) || std::cmp_greater(*result, most)) {
      value.refuse(expected);
      return std::nullopt;
    }
    return static_cast<T>(*result);
  };
}

/// One of some words.
template <class T>
[[nodiscard]] auto one_of(std::vector<std::pair<std::string_view, T>> words) {
  return [words = std::move(words)](const Value& value) -> std::optional<T> {
    std::string expected = words.size() > 1 ? "one of " : "";
    for (const auto& [word, meaning] : words) {
      expected += fmt::format("{}\"{}\"", &word == &words.front().first ? "" : ", ", word);
    }
    const auto text = value.text(expected);
    if (!text) {
      return std::nullopt;
    }
    const auto found = std::ranges::find(words, *text, &std::pair<std::string_view, T>::first);
    if (found == words.end()) {
      value.refuse(expected);
      return std::nullopt;
    }
    return found->second;
  };
}

/// The items of an array with `least` to `most` of them.
[[nodiscard]] std::optional<std::vector<Value>> items_between(const Value& value, std::size_t least,
                                                              std::size_t most);

/// An array without doubles. Items that are refused are left out.
template <class Kind>
[[nodiscard]] auto list_of(Kind kind, std::size_t least, std::size_t most) {
  using Item = typename std::invoke_result_t<Kind, const Value&>::value_type;
  return [kind = std::move(kind), least, most](const Value& value) {
    const auto items = items_between(value, least, most);
    auto result = items ? std::optional(std::vector<Item>{}) : std::nullopt;
    for (const Value& item : items.value_or(std::vector<Value>{})) {
      auto read = kind(item);
      if (read && std::ranges::find(*result, *read) != result->end()) {
        item.error("listed twice");
      } else if (read) {
        result->push_back(*std::move(read));
      }
    }
    return result;
  };
}

}  // namespace haguard::conf
