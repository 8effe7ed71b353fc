#pragma once
// Whether this node takes part at all, as an operator wants it, and how that outlives the daemon.
// The file may be cut off or written by somebody else: what does not read as a whole is no mode.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "conf/units.h"

namespace haguard::supervisor {

enum class Mode : std::uint8_t {
  Normal,
  Draining,  ///< HAProxy's clients are asked to leave; the addresses are still here
  Drained,   ///< out of every election
};

/// "normal", "draining", "drained".
[[nodiscard]] std::string_view to_string(Mode mode);

/// What the virtual routers are to do.
enum class Order : std::uint8_t {
  Serve,
  HandOver,  ///< those that hold addresses serve until somebody has taken them, others stay out
  StayOut,
  Stop,
};

/// Why a virtual router stays out.
inline constexpr const char* kDrained = "drained: `haguard undrain` ends it";

/// What a daemon before this one wrote down.
struct SavedMode {
  Mode mode = Mode::Normal;
  Duration age{};  ///< since then
};

/// The file: {"mode": "drained", "since_ms": milliseconds since 1970}.
struct ModeRecord {
  Mode mode = Mode::Normal;
  std::int64_t since_ms = 0;

  bool operator==(const ModeRecord&) const = default;
};
[[nodiscard]] std::string to_text(const ModeRecord& record);
[[nodiscard]] std::optional<ModeRecord> parse_mode(std::string_view text);

}  // namespace haguard::supervisor
