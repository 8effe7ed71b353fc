#pragma once
// What haguard.toml(5) says of the settings: the file as installed, read as text. A test holds that
// file to the parser.

#include <string>
#include <string_view>

namespace haguard::manual {

/// roff for the body of the page. Of the file this wants: parts are headed by "# ---- title ----",
/// settings are "key = value  # text" or "#key = value  # text" with the text going on in lines
/// that are only a comment further to the right, and everything else is "# prose".
[[nodiscard]] std::string settings(std::string_view file);

}  // namespace haguard::manual
