#include "conf/document.h"

#include <algorithm>

#include <fmt/format.h>

namespace haguard::conf {
namespace {

/// Dotted keys nest without a limit in the TOML parser, and its tables are destroyed recursively.
/// That many levels need a megabyte or two of stack; that many addresses need three dots each.
constexpr std::ptrdiff_t kMostDots = 10'000;

/// Empty when the text can be given to the TOML parser.
std::string flaw_of_text(std::string_view text) {
  if (text.size() > kLargestFile) {
    return fmt::format("larger than {} bytes", kLargestFile);
  }
  if (std::ranges::count(text, '.') > kMostDots) {
    return fmt::format("more than {} dots in one file", kMostDots);
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
