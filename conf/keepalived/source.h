#pragma once
// The lines of a keepalived.conf with all its includes: comments, conditional lines ("@id") and
// definitions are resolved, so that words and braces are left.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "conf/keepalived/finding.h"
#include "conf/places.h"

namespace haguard::conf::keepalived {

/// No file may be larger, nor all of them together four times as large.
inline constexpr std::size_t kLargestFile = std::size_t{1} << 20U;

struct SourceLine {
  Place place;
  std::string text;  ///< valid UTF-8
};

/// A file that an include names, or why it cannot be read.
struct Included {
  std::string path;
  std::string text;
  std::string failure;  ///< empty: `text` is what stands there
};

/// Gives the files that a pattern matches, in alphabetical order; none when there is none.
using Includer = std::function<std::vector<Included>(const std::string& pattern)>;

/// Those of this machine: the pattern is that of glob(7) with braces.
[[nodiscard]] std::vector<Included> files_of(const std::string& pattern);

/// `file` is used in places, and as the base of relative includes; `config_id` is what "@id" is
/// compared with.
[[nodiscard]] std::vector<SourceLine> source_lines(std::string_view text, const std::string& file,
                                                   const std::string& config_id,
                                                   const Includer& includer, Findings& findings);

}  // namespace haguard::conf::keepalived
