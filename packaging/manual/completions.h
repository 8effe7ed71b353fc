#pragma once
// Completion files for shells.

#include <string>

#include "packaging/manual/command_tree.h"

namespace haguard::manual {

[[nodiscard]] std::string bash_completion(const CommandText& program);
[[nodiscard]] std::string zsh_completion(const CommandText& program);

}  // namespace haguard::manual
