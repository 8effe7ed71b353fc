#pragma once
// Collects what is wrong with one file while it is read, so that every problem is told and not only
// the first.

#include <cstddef>
#include <string>
#include <string_view>

#include "conf/parse.h"

namespace haguard::conf {

/// Counted from 1; 0 = the file as a whole.
struct Position {
  unsigned line = 0;
  unsigned column = 0;
};

class Report {
 public:
  explicit Report(std::string file, Purpose purpose = Purpose::Run)
      : file_(std::move(file)), purpose_(purpose) {}

  void error(Position at, std::string message);
  /// Something that the file names is not on this machine.
  void absent(Position at, std::string message);
  void warning(Position at, std::string message);

  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] bool has_errors() const { return has_errors_; }
  /// All of them, in the order of the file.
  [[nodiscard]] Problems take();

 private:
  std::string file_;
  Purpose purpose_;
  Problems problems_;
  bool has_errors_ = false;
};

/// The text without control characters, and shortened to `longest` bytes of it: fit for one line of
/// a terminal.
[[nodiscard]] std::string printable(std::string_view text, std::size_t longest = 120);
/// The same in quotes.
[[nodiscard]] std::string in_quotes(std::string_view text);

}  // namespace haguard::conf
