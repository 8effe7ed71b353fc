#pragma once
// One line of HAProxy's configuration cut into words (configuration manual 2.2, Quoting and
// escaping). Every byte is hostile.

#include <string>
#include <string_view>
#include <vector>

namespace haguard::proxy {

struct Word {
  std::string text;
  /// It has a variable: known only to HAProxy. `text` then holds the variable as it is written.
  bool unresolved = false;

  bool operator==(const Word&) const = default;
};

/// The words before a comment; at most 64, as in HAProxy. A quote that is never closed reaches to
/// the end of the line.
[[nodiscard]] std::vector<Word> words_of(std::string_view line);

}  // namespace haguard::proxy
