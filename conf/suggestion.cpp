#include "conf/suggestion.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

#include <fmt/format.h>

namespace haguard::conf {
namespace {

/// Longer names get no suggestion; nobody means one of ours by them.
constexpr std::size_t kLongestName = 64;

/// Levenshtein distance, one row of the matrix at a time.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string suggestion(std::string_view name, const std::vector<std::string>& known) {
  const std::string* best = nullptr;
  std::size_t best_distance = 0;
  if (name.size() <= kLongestName) {
    for (const std::string& candidate : known) {
      const std::size_t distance = edit_distance(name, candidate);
      const std::size_t most =
          candidate.size() < 4 ? 1 : std::max<std::size_t>(2, candidate.size() / 3);
      if (distance <= most && (best == nullptr || distance < best_distance)) {
        best = &candidate;
        best_distance = distance;
      }
    }
  }
  return best == nullptr ? "" : fmt::format(", did you mean \"{}\"?", *best);
}

}  // namespace haguard::conf
