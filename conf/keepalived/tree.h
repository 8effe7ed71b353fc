#pragma once
// keepalived.conf as a tree: statements, of which some have a block of statements.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "conf/keepalived/finding.h"
#include "conf/keepalived/source.h"

namespace haguard::conf::keepalived {

struct Word {
  std::string text;
  bool quoted = false;
};

/// "keyword argument … { block }"; in a list of addresses or names the keyword is an entry.
struct Statement {
  Place place;
  std::vector<Word> words;       ///< at least one
  std::vector<Statement> block;  ///< what stands in its braces
  bool has_block = false;        ///< there are braces

  [[nodiscard]] const std::string& keyword() const { return words.front().text; }
  /// Counted from 1; empty when there are fewer.
  [[nodiscard]] std::string_view argument(std::size_t number) const;
};

/// Missing and superfluous braces are findings: keepalived only logs them, too.
[[nodiscard]] std::vector<Statement> parse_tree(const std::vector<SourceLine>& lines,
                                                Findings& findings);

}  // namespace haguard::conf::keepalived
