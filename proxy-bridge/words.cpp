#include "proxy-bridge/words.h"

#include <cstddef>
#include <optional>
#include <utility>

namespace haguard::proxy {
namespace {

constexpr std::size_t kMostWords = 64;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

bool begins_variable(char c) {
  return c == '{' || c == '_' || c == '.' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return static_cast<unsigned>(c - '0');
  }
  const char lower = static_cast<char>(c | 0x20);
  if (lower >= 'a' && lower <= 'f') {
    return static_cast<unsigned>(lower - 'a') + 10U;
  }
  return std::nullopt;
}

class Cutter {
 public:
  explicit Cutter(std::string_view line) : rest_(line) {}

  std::vector<Word> cut() {
    while (!rest_.empty() && words_.size() < kMostWords) {
      const char c = rest_.front();
      if (quote_ == '\0' && c == '#') {
        break;
      }
      take(c);
    }
    end_word();
    return std::move(words_);
  }

 private:
  void take(char c) {
    if (quote_ == '\0' && is_blank(c)) {
      end_word();
      rest_.remove_prefix(1);
    } else if (c == quote_ || (quote_ == '\0' && (c == '"' || c == '\''))) {
      quote_ = c == quote_ ? '\0' : c;
      begun_ = true;  // "" is a word
      rest_.remove_prefix(1);
    } else if (c == '\\' && quote_ != '\'') {
      escape();
    } else {
      word_.unresolved = word_.unresolved || is_variable();
      add(c, 1);
    }
  }

  /// Variables are read in weak quotes only.
  [[nodiscard]] bool is_variable() const {
    return quote_ == '"' && rest_.size() > 1 && rest_[0] == '$' && begins_variable(rest_[1]);
  }

  /// What has no meaning keeps its backslash, as the \1 of a regular expression.
  void escape() {
    const char next = rest_.size() > 1 ? rest_[1] : '\0';
    switch (next) {
      case ' ':
      case '\t':
      case '#':
      case '\\':
      case '\'':
      case '"':
      case '$':
        return add(next, 2);
      case 'n':
        return add('\n', 2);
      case 'r':
        return add('\r', 2);
      case 't':
        return add('\t', 2);
      case 'x':
        return escape_byte();
      default:
        return add('\\', 1);
    }
  }

  void escape_byte() {
    const auto high = rest_.size() > 3 ? hex_digit(rest_[2]) : std::nullopt;
    const auto low = rest_.size() > 3 ? hex_digit(rest_[3]) : std::nullopt;
    if (high && low) {
      add(static_cast<char>(*high * 16 + *low), 4);
    } else {
      add('\\', 1);
    }
  }

  void add(char c, std::size_t length) {
    word_.text += c;
    begun_ = true;
    rest_.remove_prefix(length);
  }

  void end_word() {
    if (std::exchange(begun_, false)) {
      words_.push_back(std::exchange(word_, {}));
    }
  }

  std::string_view rest_;
  std::vector<Word> words_;
  Word word_;
  bool begun_ = false;
  char quote_ = '\0';  ///< the one that is open
};

}  // namespace

std::vector<Word> words_of(std::string_view line) {
  return Cutter(line).cut();
}

}  // namespace haguard::proxy
