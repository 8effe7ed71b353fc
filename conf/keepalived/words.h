#pragma once
// One line of keepalived.conf as words and braces (keepalived.conf(5), "GENERAL CONFIGURATION FILE
// STRUCTURE").

#include <string>
#include <string_view>
#include <vector>

namespace haguard::conf::keepalived {

struct Token {
  enum class Kind { Word, Open, Close };

  Kind kind = Kind::Word;
  std::string text;     ///< of a word, without its quotes
  bool quoted = false;  ///< a part of it stood in quotes
};

struct Line {
  std::vector<Token> tokens;
  bool unterminated = false;  ///< a quote was not closed
};

/// The line up to a '#' or '!' that is neither quoted nor behind a backslash.
[[nodiscard]] std::string_view without_comment(std::string_view line);

/// Of a line without a comment. Escapes in quotes are those of C; a brace ends a word unless it is
/// that of a "${".
[[nodiscard]] Line split(std::string_view line);

/// The words of a command as execve(2) wants them: split at blanks that are not quoted.
[[nodiscard]] std::vector<std::string> command_words(std::string_view command);

}  // namespace haguard::conf::keepalived
