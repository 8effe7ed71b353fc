#include "conf/report.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace haguard::conf {
namespace {

/// PATH_MAX of Linux.
constexpr std::size_t kLongestPath = 4096;

bool is_continuation_byte(char c) {
  return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;
}

}  // namespace

std::string Problem::to_string() const {
  const char* const kind = severity == Severity::Error ? "error" : "warning";
  const std::string name = printable(file, kLongestPath);
  return line == 0 ? fmt::format("{}: {}: {}", name, kind, message)
                   : fmt::format("{}:{}:{}: {}: {}", name, line, column, kind, message);
}

void Report::add(Place at, Severity severity, std::string message) {
  std::string file = at.file.empty() ? files_.front() : std::move(at.file);
  problems_.push_back({std::move(file), at.line, at.column, severity, std::move(message)});
}

std::string Report::exposure(const Place& at) const {
  const auto found = exposed_.find(at.file.empty() ? files_.front() : at.file);
  return found == exposed_.end() ? std::string() : found->second;
}

void Report::error(Place at, std::string message) {
  has_errors_ = true;
  add(std::move(at), Severity::Error, std::move(message));
}

void Report::absent(Place at, std::string message) {
  purpose_ == Purpose::Run ? error(std::move(at), std::move(message))
                           : warning(std::move(at), std::move(message));
}

void Report::warning(Place at, std::string message) {
  add(std::move(at), Severity::Warning, std::move(message));
}

Problems Report::take() {
  std::ranges::stable_sort(problems_, {}, [this](const Problem& problem) {
    return std::tuple(std::ranges::find(files_, problem.file), problem.line, problem.column);
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
