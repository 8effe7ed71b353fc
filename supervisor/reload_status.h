#pragma once
// What an operator may ask about reloads of HAProxy, as a part of the status.

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "proxy-bridge/reload_record.h"

namespace haguard::supervisor {

using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

/// "2026-01-01T00:00:00.000Z"
[[nodiscard]] std::string to_iso8601(WallTime time);

/// [{"step": "gate", "ok": true, "took_ms": 1.2, "detail": "closed"}, …]
[[nodiscard]] nlohmann::json json_of(const std::vector<proxy::Step>& steps);

struct ReloadStatus {
  std::optional<bool> in_sync;  ///< the files on disk are what runs; none: not known yet
  std::string out_of_sync_why;
  std::string step;  ///< of the reload that is under way: "validate"; empty: none is
  bool on_probation = false;
  std::deque<proxy::ReloadRecord> history;  ///< oldest first
  std::vector<proxy::Generation> generations;
  unsigned running_generation = 0;  ///< 0: none of them
};

/// Keys for the object "haproxy" of the status.
[[nodiscard]] nlohmann::json to_json(const ReloadStatus& reloads);

/// Lines for the screen of the status, from that object.
[[nodiscard]] std::string reload_lines(const nlohmann::json& haproxy);
/// The screen of `haguard proxy history`.
[[nodiscard]] std::string history_text(const nlohmann::json& haproxy);

}  // namespace haguard::supervisor
