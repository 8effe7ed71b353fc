#pragma once
// What `haproxy -c` prints, made fit to show: its alerts say why a configuration is refused. Every
// byte is hostile.

#include <string>
#include <string_view>

namespace haguard::proxy {

/// The first alerts in one line of about 300 characters: "parsing [/etc/haproxy/haproxy.cfg:30] :
/// unknown keyword 'bogus' in 'backend' section". That errors were found is told only when nothing
/// else is. Empty when there is no alert.
[[nodiscard]] std::string alerts_of(std::string_view output);

/// All lines, without control characters.
[[nodiscard]] std::string printable_lines(std::string_view output);

}  // namespace haguard::proxy
