#pragma once
// The "$NAME=value" of keepalived.conf, which are replaced as text wherever they are used.

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace haguard::conf::keepalived {

class Definitions {
 public:
  void set(std::string name, std::string value) { values_[std::move(name)] = std::move(value); }

  /// Replaces each $NAME and ${NAME} that is known, also those in what is put in; others stay.
  /// What grows without end is cut off.
  [[nodiscard]] std::string substitute(std::string_view text) const;

 private:
  struct Budget;
  void append(std::string_view text, unsigned depth, Budget& budget) const;

  std::map<std::string, std::string, std::less<>> values_;
};

/// Length of the name that `text` begins with: letters, digits and "_", the first one no digit.
[[nodiscard]] std::size_t name_length(std::string_view text);

}  // namespace haguard::conf::keepalived
