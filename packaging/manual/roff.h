#pragma once
// Text as the macros of man(7) want it.

#include <string>
#include <string_view>

namespace haguard::manual {

/// Plain text, safe in any place of a line and at its beginning.
[[nodiscard]] std::string roff(std::string_view text);
[[nodiscard]] std::string bold(std::string_view text);
[[nodiscard]] std::string italic(std::string_view text);

/// A term and what it means. `term` is roff already, `text` is plain.
[[nodiscard]] std::string tagged(std::string_view term, std::string_view text);

}  // namespace haguard::manual
