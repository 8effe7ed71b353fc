#pragma once
// What a program prints, as it comes in pieces, cut into lines that are fit for a log. Every byte
// is hostile.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace haguard::proxy {

class PrintedLines {
 public:
  /// Bytes of a line that are shown; the rest of it is left out.
  static constexpr std::size_t kLongest = 500;

  /// The lines that are complete now, without control characters and without empty ones.
  [[nodiscard]] std::vector<std::string> add(std::string_view piece);
  /// The line that has no end, when whoever wrote it has ended.
  [[nodiscard]] std::vector<std::string> finish() { return add("\n"); }

 private:
  std::string begun_;
};

}  // namespace haguard::proxy
