#include "proxy-bridge/unit_properties.h"

#include <algorithm>
#include <cstddef>

namespace haguard::proxy {
namespace {

constexpr std::string_view kSpace = " \t\r";

std::string_view next_line(std::string_view& text) {
  const auto end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

std::string_view trim(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

bool drop_prefix(std::string_view& text, std::string_view prefix) {
  const bool found = text.starts_with(prefix);
  text.remove_prefix(found ? prefix.size() : 0);
  return found;
}

/// The character that a backslash and `c` stand for in a word of systemctl.
char unescaped(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    default:
      return c;
  }
}

/// A word with a special character is put in double quotes as a whole.
std::vector<std::string> quoted_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool quoted = false;
  bool begun = false;
  const auto end_word = [&] {
    if (begun) {
      words.push_back(word);
    }
    word.clear();
    begun = false;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ' ' && !quoted) {
      end_word();
      continue;
    }
    begun = true;
    if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == '\\' && i + 1 < text.size()) {
      word += unescaped(text[++i]);
    } else {
      word += text[i];
    }
  }
  end_word();
  return words;
}

/// Reads the value of an assignment up to the end of its line, which may be a later one.
class ValueReader {
 public:
  explicit ValueReader(std::string_view& rest) : rest_(rest) {}

  std::string read() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(kSpace), rest_.size()));
    while (!rest_.empty() && (quote_ != '\0' || rest_.front() != '\n')) {
      read_character();
    }
    rest_.remove_prefix(std::min<std::size_t>(1, rest_.size()));
    // White space at the end belongs to the value only in quotes.
    while (value_.size() > kept_ && kSpace.find(value_.back()) != std::string_view::npos) {
      value_.pop_back();
    }
    return value_;
  }

 private:
  void read_character() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '\\' && quote_ != '\'' && !rest_.empty()) {
      read_escaped();
    } else if (c == quote_) {
      quote_ = '\0';
      kept_ = value_.size();
    } else if (quote_ == '\0' && (c == '"' || c == '\'')) {
      quote_ = c;
    } else {
      value_ += c;
    }
  }

  void read_escaped() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '\n') {
      return;  // the line goes on
    }
    if (quote_ == '"' && std::string_view("\"\\`$").find(c) == std::string_view::npos) {
      value_ += '\\';
    }
    value_ += c;
    kept_ = value_.size();
  }

  std::string_view& rest_;
  std::string value_;
  std::size_t kept_ = 0;  ///< of this many characters none is taken off
  char quote_ = '\0';     ///< the one that is open
};

}  // namespace

UnitProperties parse_unit_properties(std::string_view shown) {
  constexpr std::string_view kIgnore = " (ignore_errors=";
  UnitProperties unit;
  while (!shown.empty()) {
    std::string_view line = next_line(shown);
    if (drop_prefix(line, "Environment=")) {
      unit.environment = quoted_words(line);
    } else if (drop_prefix(line, "EnvironmentFiles=")) {
      unit.environment_files.emplace_back(line.substr(0, line.rfind(kIgnore)));
    } else if (drop_prefix(line, "WorkingDirectory=")) {
      drop_prefix(line, "!");  // it may be absent
      unit.working_directory = line;
    }
  }
  return unit;
}

std::vector<std::string> parse_environment_file(std::string_view text) {
  std::vector<std::string> assignments;
  while (!text.empty()) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    const auto end = text.find_first_of("=\n");
    if (text.empty() || text.front() == '#' || text.front() == ';' ||
        end == std::string_view::npos || text[end] == '\n') {
      next_line(text);
      continue;
    }
    const std::string name(trim(text.substr(0, end)));
    text.remove_prefix(end + 1);
    set_variable(assignments, name + "=" + ValueReader(text).read());
  }
  return assignments;
}

std::string service_of_cgroup(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    // "0::/path" of version 2, "1:name=systemd:/path" of version 1
    if (!line.starts_with("0::") && line.find(":name=systemd:") == std::string_view::npos) {
      continue;
    }
    std::string_view path = line.substr(std::min(line.find('/'), line.size()));
    while (!path.empty()) {
      const std::string_view last = path.substr(path.rfind('/') + 1);
      if (last.ends_with(".service")) {
        return std::string(last);
      }
      path.remove_suffix(std::min(last.size() + 1, path.size()));
    }
  }
  return {};
}

void set_variable(std::vector<std::string>& environment, const std::string& assignment) {
  const std::string name = assignment.substr(0, assignment.find('=') + 1);
  const auto same = std::ranges::find_if(
      environment, [&](const std::string& other) { return other.starts_with(name); });
  if (same == environment.end()) {
    environment.push_back(assignment);
  } else {
    *same = assignment;
  }
}

}  // namespace haguard::proxy
