#pragma once
// Settings that are valid and yet cannot do what somebody hoped for. docs/lint.md lists them all.

#include "conf/parse.h"

namespace haguard::supervisor {

/// What one file alone shows.
[[nodiscard]] conf::Problems lint(const conf::Parsed& parsed);

/// Weights whose check may fail without moving the addresses, on whichever node has the higher
/// priority. Needs the files of both nodes.
[[nodiscard]] conf::Problems lint_weights(const conf::Parsed& ours, const conf::Parsed& theirs);

}  // namespace haguard::supervisor
