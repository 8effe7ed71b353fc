#include "proxy-bridge/reference_arguments.h"

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace haguard::proxy {
namespace {

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

/// One argument and what follows it, from behind a parenthesis or a comma. Quotes keep commas and
/// parentheses (section 2.2).
std::pair<std::string, std::string_view> cut_argument(std::string_view rest) {
  std::string value;
  char quote = '\0';
  std::size_t at = 0;
  for (; at < rest.size(); ++at) {
    const char c = rest[at];
    if (c == quote) {
      quote = '\0';
    } else if (quote != '\0') {
      value += c;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == ',' || c == ')') {
      break;
    } else {
      value += c;
    }
  }
  return {std::move(value), rest.substr(at)};
}

std::optional<std::string> file_of_call(std::string_view name, std::string_view arguments) {
  if (name == "map" || name.starts_with("map_")) {
    return cut_argument(arguments).first;
  }
  if (name == "jwt_verify") {
    const std::string_view rest = cut_argument(arguments).second;
    if (rest.starts_with(",/") || rest.starts_with(",\"/") || rest.starts_with(",'/")) {
      return cut_argument(rest.substr(1)).first;
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<Word> files_of_patterns(std::span<const Word> line) {
  std::vector<Word> files;
  bool patterns = !line.empty() && line[0].text == "acl";
  for (std::size_t i = 1; i < line.size(); ++i) {
    const std::string& word = line[i].text;
    if (word == "if" || word == "unless" || word == "{" || word == "!{") {
      patterns = true;
    } else if (patterns && word == "-f" && i + 1 < line.size()) {
      files.push_back(line[++i]);
    } else if (patterns && word == "--") {
      patterns = false;  // up to the next condition, these are values
    }
  }
  return files;
}

std::vector<std::string> files_of_converters(const Word& word) {
  std::vector<std::string> files;
  if (word.unresolved) {
    return files;
  }
  const std::string_view text = word.text;
  std::size_t begin = 0;  // of the name that is being read
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '(') {
      auto file = file_of_call(text.substr(begin, at - begin), text.substr(at + 1));
      if (file && !file->empty()) {
        files.push_back(std::move(*file));
      }
    }
    if (!is_name(text[at])) {
      begin = at + 1;
    }
  }
  return files;
}

}  // namespace haguard::proxy
