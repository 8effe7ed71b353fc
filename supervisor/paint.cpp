#include "supervisor/paint.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <unistd.h>

#include <fmt/format.h>

namespace haguard::supervisor {
namespace {

constexpr std::string_view kReset = "\x1b[0m";
constexpr std::string_view kGreen = "\x1b[1;32m";
constexpr std::string_view kYellow = "\x1b[1;33m";
constexpr std::string_view kRed = "\x1b[1;31m";
constexpr std::string_view kBlue = "\x1b[1;34m";

/// A word that is painted where it stands between `before` and `after`: names and details come from
/// outside and may say anything.
struct Rule {
  std::string_view before;
  std::string_view word;
  std::string_view after;
  std::string_view colour;
};
constexpr std::array kRules{
    Rule{"  ", "ACTIVE", " since ", kGreen},   Rule{"  ", "BACKUP", " since ", kBlue},
    Rule{"  ", "INITIALIZE", " since ", kRed}, Rule{" ", "FAILING", "  since ", kRed},
    Rule{" ", "passing", "  since ", kGreen},  Rule{" ", "pending", "  since ", kYellow},
    Rule{"  mode ", "draining", "", kYellow},  Rule{"  mode ", "drained", "", kYellow},
    Rule{"haproxy  ", "running", "", kGreen},  Rule{"haproxy  ", "dead", "", kRed},
    Rule{"haproxy  ", "hung", "", kRed},       Rule{"haproxy  ", "stopping", "", kYellow},
};

/// At most one in a line: the first that is there.
std::string painted_line(std::string_view line) {
  for (const Rule& rule : kRules) {
    const auto found = line.find(fmt::format("{}{}{}", rule.before, rule.word, rule.after));
    if (found != std::string_view::npos) {
      const auto begin = found + rule.before.size();
      return fmt::format("{}{}{}{}{}", line.substr(0, begin), rule.colour, rule.word, kReset,
                         line.substr(begin + rule.word.size()));
    }
  }
  return std::string(line);
}

}  // namespace

std::string painted(std::string_view screen) {
  std::string out;
  while (!screen.empty()) {
    const auto end = std::min(screen.find('\n'), screen.size());
    out += painted_line(screen.substr(0, end));
    out += screen.substr(end, 1);
    screen.remove_prefix(std::min(end + 1, screen.size()));
  }
  return out;
}

bool wants_colour() {
  const char* refused = std::getenv("NO_COLOR");
  return isatty(STDOUT_FILENO) != 0 && (refused == nullptr || *refused == '\0');
}

}  // namespace haguard::supervisor
