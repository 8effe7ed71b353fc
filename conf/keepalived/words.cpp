#include "conf/keepalived/words.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>

namespace haguard::conf::keepalived {
namespace {

bool is_blank(char c) {
  return static_cast<unsigned char>(c) <= ' ';
}

bool is_quote(char c) {
  return c == '"' || c == '\'';
}

/// Takes a number of up to `most` digits; a byte outside ASCII would be half a character.
char take_number(std::string_view& rest, std::size_t most, int base) {
  unsigned value = 0;
  const char* const begin = rest.data();
  const auto [end, failure] =
      std::from_chars(begin, begin + std::min(most, rest.size()), value, base);
  rest.remove_prefix(static_cast<std::size_t>(end - begin));
  return failure == std::errc() && value > 0 && value < 0x80 ? static_cast<char>(value) : '?';
}

/// `rest` begins behind the backslash and is not empty.
char take_escape(std::string_view& rest) {
  constexpr std::array<std::pair<char, char>, 8> kLetters{{{'a', '\a'},
                                                           {'b', '\b'},
                                                           {'e', '\x1b'},
                                                           {'f', '\f'},
                                                           {'n', '\n'},
                                                           {'r', '\r'},
                                                           {'t', '\t'},
                                                           {'v', '\v'}}};
  const char c = rest.front();
  if (c >= '0' && c <= '7') {
    return take_number(rest, 3, 8);
  }
  rest.remove_prefix(1);
  if (c == 'x') {
    return take_number(rest, 2, 16);
  }
  for (const auto& [letter, meaning] : kLetters) {
    if (c == letter) {
      return meaning;
    }
  }
  return c;
}

/// `rest` begins with a quote. False when it is not closed.
bool take_quoted(std::string_view& rest, std::string& word) {
  const char quote = rest.front();
  rest.remove_prefix(1);
  while (!rest.empty()) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c == quote) {
      return true;
    }
    if (c == '\\' && !rest.empty()) {
      word += take_escape(rest);
    } else {
      word += c;
    }
  }
  return false;
}

/// "${NAME}" that nobody has defined stays in one piece.
bool take_reference(std::string_view& rest, std::string& word) {
  const auto end = rest.starts_with("${") ? rest.find('}') : std::string_view::npos;
  if (end == std::string_view::npos) {
    return false;
  }
  word += rest.substr(0, end + 1);
  rest.remove_prefix(end + 1);
  return true;
}

/// `rest` begins with a character of a word.
Token take_word(std::string_view& rest, bool& unterminated) {
  Token token;
  while (!rest.empty() && !is_blank(rest.front())) {
    const char c = rest.front();
    if (is_quote(c)) {
      token.quoted = true;
      unterminated = !take_quoted(rest, token.text) || unterminated;
    } else if (take_reference(rest, token.text)) {
      continue;
    } else if (c == '{' || c == '}') {
      break;
    } else {
      rest.remove_prefix(c == '\\' && rest.size() > 1 ? 1 : 0);
      token.text += rest.front();
      rest.remove_prefix(1);
    }
  }
  return token;
}

}  // namespace

std::string_view without_comment(std::string_view line) {
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '\\') {
      ++i;
    } else if (quote != 0) {
      quote = c == quote ? '\0' : quote;
    } else if (is_quote(c)) {
      quote = c;
    } else if (c == '#' || c == '!') {
      return line.substr(0, i);
    }
  }
  return line;
}

Line split(std::string_view line) {
  Line result;
  while (!line.empty()) {
    const char c = line.front();
    if (is_blank(c)) {
      line.remove_prefix(1);
    } else if (c == '{' || c == '}') {
      result.tokens.push_back({c == '{' ? Token::Kind::Open : Token::Kind::Close, {}, false});
      line.remove_prefix(1);
    } else {
      result.tokens.push_back(take_word(line, result.unterminated));
    }
  }
  return result;
}

std::vector<std::string> command_words(std::string_view command) {
  std::vector<std::string> words;
  while (!command.empty()) {
    if (is_blank(command.front())) {
      command.remove_prefix(1);
      continue;
    }
    std::string word;
    while (!command.empty() && !is_blank(command.front())) {
      if (is_quote(command.front())) {
        static_cast<void>(take_quoted(command, word));  // what is open ends with the command
      } else {
        command.remove_prefix(command.front() == '\\' && command.size() > 1 ? 1 : 0);
        word += command.front();
        command.remove_prefix(1);
      }
    }
    words.push_back(std::move(word));
  }
  return words;
}

}  // namespace haguard::conf::keepalived
