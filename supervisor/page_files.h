#pragma once
// The files of supervisor/page/, built into the program.

#include <string_view>

namespace haguard::supervisor {

/// With {{title}}, {{style}}, {{content}} and {{script}} to be replaced, each once, in this order.
extern const std::string_view kPageHtml;
extern const std::string_view kPageCss;
extern const std::string_view kPageJs;
/// The Content-Security-Policy: this style and this script and no other, and nothing from anywhere
/// else (https://www.w3.org/TR/CSP3/).
extern const std::string_view kPagePolicy;

}  // namespace haguard::supervisor
