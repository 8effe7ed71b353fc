#include "packaging/manual/roff.h"

#include <fmt/format.h>

namespace haguard::manual {

std::string roff(std::string_view text) {
  constexpr std::string_view kEllipsis = "…";
  std::string result;
  // A request begins with one of these.
  if (text.starts_with('.') || text.starts_with('\'')) {
    result = "\\&";
  }
  while (!text.empty()) {
    if (text.starts_with(kEllipsis)) {
      result += "...";
      text.remove_prefix(kEllipsis.size());
      continue;
    }
    switch (text.front()) {
      case '\\':
        result += "\\e";
        break;
      case '-':  // as it is typed, not a hyphen
        result += "\\-";
        break;
      case '`':
        result += "\\(ga";
        break;
      default:
        result += text.front();
    }
    text.remove_prefix(1);
  }
  return result;
}

std::string bold(std::string_view text) {
  return fmt::format("\\fB{}\\fR", roff(text));
}

std::string italic(std::string_view text) {
  return fmt::format("\\fI{}\\fR", roff(text));
}

std::string tagged(std::string_view term, std::string_view text) {
  return fmt::format(".TP\n{}\n{}\n", term, text.empty() ? "\\&" : roff(text));
}

}  // namespace haguard::manual
