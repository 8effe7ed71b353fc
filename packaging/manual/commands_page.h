#pragma once
// What haguard(8) says of commands and options, as roff.

#include <string>

#include "packaging/manual/command_tree.h"

namespace haguard::manual {

/// The options that every command has.
[[nodiscard]] std::string common_options(const CommandText& program);
/// Each command with the options of its own.
[[nodiscard]] std::string commands(const CommandText& program);

}  // namespace haguard::manual
