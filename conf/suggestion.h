#pragma once
// What somebody may have meant by a name that does not exist.

#include <string>
#include <string_view>
#include <vector>

namespace haguard::conf {

/// ", did you mean …?" when a known name is close; else empty. Two letters that changed places are
/// two edits.
[[nodiscard]] std::string suggestion(std::string_view name, const std::vector<std::string>& known);

}  // namespace haguard::conf
