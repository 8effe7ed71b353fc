#include "conf/report.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace haguard::conf {
namespace {

bool is_continuation_byte(char c) {
  return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;
}

}  // namespace

std::string Problem::to_string() const {
  const char* const kind = severity == Severity::Error ? "error" : "warning";
  return line == 0 ? fmt::format("{}: {}: {}", file, kind, message)
                   : fmt::format("{}:{}:{}: {}: {}", file, line, column, kind, message);
}

void Report::error(Position at, std::string message) {
  has_errors_ = true;
  problems_.push_back({file_, at.line, at.column, Severity::Error, std::move(message)});
}

void Report::absent(Position at, std::string message) {
  purpose_ == Purpose::Run ? error(at, std::move(message)) : warning(at, std::move(message));
}

void Report::warning(Position at, std::string message) {
  problems_.push_back({file_, at.line, at.column, Severity::Warning, std::move(message)});
}

Problems Report::take() {
  std::ranges::stable_sort(problems_, {}, [](const Problem& problem) {
    return std::tuple(problem.line, problem.column);
  });
  return std::exchange(problems_, {});
}

std::string printable(std::string_view text, std::size_t longest) {
  std::size_t length = std::min(text.size(), longest);
  while (length < text.size() && length > 0 && is_continuation_byte(text[length])) {
    --length;  // never half a character
  }
  std::string result;
  for (const char c : text.substr(0, length)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      result += fmt::format("\\x{:02x}", byte);
    } else {
      result += c;
    }
  }
  return length < text.size() ? result + "…" : result;
}

std::string in_quotes(std::string_view text) {
  return fmt::format("\"{}\"", printable(text));
}

}  // namespace haguard::conf
