#include "conf/document.h"

#include <algorithm>

#include <fmt/format.h>

namespace haguard::conf {
namespace {

/// Dotted keys nest without a limit in the TOML parser, and its tables are destroyed recursively.
/// That many levels need a megabyte or two of stack.
constexpr std::size_t kMostDots = 10'000;

/// Of a string that begins the text, with its quotes, as TOML 1.0 has them; all of the text when
/// the string does not end.
std::size_t length_of_string(std::string_view text) {
  const char quote = text.front();
  const std::string three(3, quote);
  const std::string_view end = text.starts_with(three) ? three : text.substr(0, 1);
  for (std::size_t i = end.size(); i < text.size(); ++i) {
    if (text.substr(i).starts_with(end)) {
      // Before three that end a string there may be two more, which are of it.
      const std::size_t after = std::min(text.find_first_not_of(quote, i), text.size());
      return std::min(after, i + (end.size() == 1 ? 1 : 5));
    }
    if (text[i] == '\n' && end.size() == 1) {
      return i;
    }
    if (text[i] == '\\' && quote == '"') {
      ++i;
    }
  }
  return text.size();
}

/// Outside of strings, where addresses are, and of comments.
std::size_t count_dots(std::string_view text) {
  std::size_t dots = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"' || text[i] == '\'') {
      i += length_of_string(text.substr(i)) - 1;
    } else if (text[i] == '#') {
      i = std::min(text.find('\n', i), text.size());
    } else if (text[i] == '.') {
      ++dots;
    }
  }
  return dots;
}

/// Empty when the text can be given to the TOML parser.
std::string flaw_of_text(std::string_view text) {
  if (text.size() > kLargestFile) {
    return fmt::format("larger than {} bytes", kLargestFile);
  }
  if (count_dots(text) > kMostDots) {
    return fmt::format("more than {} dots in the keys of one file", kMostDots);
  }
  return {};
}

std::string_view line_of(std::string_view text, unsigned number) {
  for (; number > 1 && !text.empty(); --number) {
    const auto end = text.find('\n');
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return text.substr(0, text.find('\n'));
}

std::string syntax_error(const toml::parse_error& error, std::string_view text) {
  // The description may quote what stands there.
  const std::string_view line = line_of(text, error.source().begin.line);
  return line.find("password") != std::string_view::npos
             ? "syntax error in a line with a password"
             : fmt::format("syntax error: {}", printable(error.description()));
}

}  // namespace

std::optional<toml::table> parse_document(std::string_view text, const std::string& file,
                                          Report& report) {
  if (auto flaw = flaw_of_text(text); !flaw.empty()) {
    report.error({file}, std::move(flaw));
    return std::nullopt;
  }
  try {
    return toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    const auto begin = error.source().begin;
    report.error({file, begin.line, begin.column}, syntax_error(error, text));
    return std::nullopt;
  }
}

}  // namespace haguard::conf
