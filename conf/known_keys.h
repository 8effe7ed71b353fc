#pragma once
// What the parser of haguard.toml understands, for tests that hold the documentation to it.

#include <string>
#include <string_view>
#include <vector>

namespace haguard::conf {

/// The keys that are understood in the tables that `text` has, as "vrrp.instance.priority", sorted.
/// Whether the text is valid does not matter.
[[nodiscard]] std::vector<std::string> known_keys(std::string_view text);

}  // namespace haguard::conf
