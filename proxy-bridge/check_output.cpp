#include "proxy-bridge/check_output.h"

#include <array>
#include <cstddef>

#include "conf/report.h"

namespace haguard::proxy {
namespace {

constexpr std::size_t kLongestReason = 300;
constexpr std::size_t kLongestLine = 2000;

/// They follow an alert that says more.
constexpr std::array<std::string_view, 2> kClosingWords{"Error(s) found in configuration file",
                                                        "Fatal errors found in configuration"};

std::string_view next_line(std::string_view& text) {
  const auto end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

/// What stands behind "[ALERT]    (4631) : config : "; empty when it is none.
std::string_view alert_in(std::string_view line) {
  constexpr std::string_view kMark = "[ALERT]";
  constexpr std::string_view kEndOfPid = ") : ";
  constexpr std::string_view kOrigin = "config : ";
  if (!line.starts_with(kMark)) {
    return {};
  }
  line.remove_prefix(kMark.size());
  const auto pid = line.find(kEndOfPid);
  line.remove_prefix(pid == std::string_view::npos ? 0 : pid + kEndOfPid.size());
  line.remove_prefix(line.starts_with(kOrigin) ? kOrigin.size() : 0);
  return line;
}

bool is_closing(std::string_view alert) {
  for (const std::string_view words : kClosingWords) {
    if (alert.starts_with(words)) {
      return true;
    }
  }
  return false;
}

void append(std::string& list, std::string_view alert) {
  if (list.size() < kLongestReason) {
    list.append(list.empty() ? "" : "; ").append(alert);
  }
}

}  // namespace

std::string alerts_of(std::string_view output) {
  std::string telling;
  std::string closing;
  while (!output.empty()) {
    const std::string_view alert = alert_in(next_line(output));
    if (!alert.empty()) {
      append(is_closing(alert) ? closing : telling, alert);
    }
  }
  return conf::printable(telling.empty() ? closing : telling, kLongestReason);
}

std::string printable_lines(std::string_view output) {
  std::string text;
  while (!output.empty()) {
    text += conf::printable(next_line(output), kLongestLine) + "\n";
  }
  return text;
}

}  // namespace haguard::proxy
