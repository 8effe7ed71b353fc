#pragma once
// What the master answers to `reload` (management guide 9.4.1; versions before 2.7 answer nothing).
// Every byte is hostile.

#include <cstdint>
#include <string>
#include <string_view>

namespace haguard::proxy {

struct ReloadReply {
  enum class Kind : std::uint8_t {
    Taken,   ///< or nothing that is known: the state of HAProxy decides
    Failed,  ///< `reason`: its alerts
    Busy,    ///< another reload is under way
    Denied,  ///< the socket has too low a level
  };
  Kind kind = Kind::Taken;
  std::string reason;
};

[[nodiscard]] ReloadReply parse_reload_reply(std::string_view text);

/// It says so and leaves the connection open: nothing more will come.
[[nodiscard]] bool is_refusal(std::string_view text);

}  // namespace haguard::proxy
