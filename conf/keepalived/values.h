#pragma once
// The kinds of values of keepalived.conf. A value that keepalived refuses is a finding and leaves
// what it had.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "conf/keepalived/finding.h"
#include "conf/keepalived/model.h"
#include "conf/keepalived/tree.h"
#include "conf/units.h"

namespace haguard::conf::keepalived {

/// Of instances, scripts and groups, and of what stands in one list. More is in no file of use, and
/// lists are compared with each other.
inline constexpr std::size_t kMostEntries = 512;

/// False, and a finding, when a list has that many already.
[[nodiscard]] bool has_room(std::size_t entries, const Place& place, Findings& findings);

/// Of at most nine digits, with or without a sign.
[[nodiscard]] std::optional<int> integer(std::string_view text);
/// Seconds with or without decimals, cut to microseconds; at most nine digits.
[[nodiscard]] std::optional<Duration> seconds(std::string_view text);

/// The first argument, which is not empty.
[[nodiscard]] std::optional<At<std::string>> word_of(const Statement& statement,
                                                     Findings& findings);
[[nodiscard]] std::optional<At<int>> integer_of(const Statement& statement, Findings& findings);
[[nodiscard]] std::optional<At<Duration>> seconds_of(const Statement& statement,
                                                     Findings& findings);
/// A bare keyword means true. Nothing when it is false.
[[nodiscard]] std::optional<Place> switched_on(const Statement& statement, Findings& findings);

/// Names what stands behind the words that have a meaning, and a block where there is none.
void refuse_rest(const Statement& statement, std::size_t words, Findings& findings);

/// A name that haguard takes: 1 to 64 letters, digits and "_.-".
[[nodiscard]] std::string plain_name(std::string_view name);
/// The name of something that is defined, as far as haguard can have it; a change is a finding.
[[nodiscard]] std::string name_of(const Statement& statement, Findings& findings);

}  // namespace haguard::conf::keepalived
