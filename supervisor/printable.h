#pragma once
// Text from outside (HAProxy, the kernel, files) made safe to show: a log line stays one line, a
// terminal obeys no escape sequence of a stranger, and the result is valid UTF-8.

#include <string>
#include <string_view>

namespace haguard::supervisor {

/// Control characters become \xNN, bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace haguard::supervisor
