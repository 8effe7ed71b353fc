#include "conf/keepalived/definitions.h"

#include <algorithm>
#include <utility>

namespace haguard::conf::keepalived {
namespace {

constexpr unsigned kDeepest = 16;
constexpr unsigned kMostReplacements = 10'000;
constexpr std::size_t kLongestText = std::size_t{64} << 10U;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// The name behind a "$", and how much text it takes with its braces.
struct Reference {
  std::string_view name;
  std::size_t length = 0;
};

Reference reference(std::string_view behind) {
  if (!behind.starts_with('{')) {
    const auto length = name_length(behind);
    return {behind.substr(0, length), length};
  }
  const auto length = name_length(behind.substr(1));
  const bool closed = behind.size() > length + 1 && behind[length + 1] == '}';
  return closed ? Reference{behind.substr(1, length), length + 2} : Reference{};
}

}  // namespace

/// What is left to be written, and what has been.
struct Definitions::Budget {
  std::string result;
  unsigned replacements = kMostReplacements;
};

std::size_t name_length(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() &&
         (is_letter(text[length]) || (length > 0 && text[length] >= '0' && text[length] <= '9'))) {
    ++length;
  }
  return length;
}

void Definitions::append(std::string_view text, unsigned depth, Budget& budget) const {
  while (!text.empty() && budget.result.size() < kLongestText) {
    const auto dollar = std::min(text.find('$'), text.size());
    budget.result += text.substr(0, dollar);
    text.remove_prefix(dollar);
    if (text.empty()) {
      return;
    }
    const auto [name, length] = reference(text.substr(1));
    const auto known = values_.find(name);
    if (known != values_.end() && depth < kDeepest && budget.replacements > 0) {
      --budget.replacements;
      append(known->second, depth + 1, budget);
      text.remove_prefix(1 + length);
    } else {
      budget.result += '$';
      text.remove_prefix(1);
    }
  }
}

std::string Definitions::substitute(std::string_view text) const {
  Budget budget;
  append(text, 0, budget);
  return std::move(budget.result);
}

}  // namespace haguard::conf::keepalived
