#pragma once
// What is told of a reload when it is over, and what a later daemon must know of it.

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conf/units.h"
#include "proxy-bridge/reload_event.h"

namespace haguard::proxy {

/// Who wanted it.
enum class Origin : std::uint8_t {
  Operator,
  Watch,     ///< the files have changed
  Rollback,  ///< a generation was put back
  Other,     ///< somebody else ordered it, and it was noticed
};

enum class Result : std::uint8_t {
  Ok,
  Refused,  ///< by us: no order left for HAProxy
  Failed,   ///< HAProxy did not take it, or the new worker crashed within the probation
  Stuck,    ///< HAProxy has come to no end in time
};

inline constexpr std::array kResults{Result::Ok, Result::Refused, Result::Failed, Result::Stuck};

/// "operator", "watch", "rollback", "other".
[[nodiscard]] std::string_view to_string(Origin origin);
/// "ok", "refused", "failed", "stuck".
[[nodiscard]] std::string_view to_string(Result result);

/// In the order in which they are taken; a reload by somebody else begins with the proof.
inline constexpr std::array<std::string_view, 7> kReloadSteps{
    "collect", "validate", "bind", "note", "reload", "prove", "listener"};

/// One step on the way to the end of a request.
struct Step {
  std::string name;  ///< of a reload: one of kReloadSteps
  bool ok = true;
  Duration took{};
  std::string detail;
};

struct ReloadRecord {
  Origin origin = Origin::Operator;
  Result result = Result::Ok;
  WallClock at;  ///< when it began
  Duration took{};
  std::string detail;  ///< one line
  std::string digest;  ///< of the files; empty: not known
  std::vector<Step> steps;
};

/// What HAProxy was before an order. A reload has happened when it is something else.
struct Before {
  int master_pid = 0;
  int worker_pid = 0;
  unsigned reloads = 0;
  std::vector<std::string> open_frontends;
};

/// An order that has left, or is about to.
struct Order {
  Origin origin = Origin::Operator;
  WallClock at;
  std::string digest;
  Before before;
};

/// What the worker that serves has read.
struct Running {
  std::string digest;  ///< empty: not known
  int worker_pid = 0;
  std::int64_t worker_started = 0;

  bool operator==(const Running&) const = default;
};

struct ReloadJournal {
  static constexpr std::size_t kLongestHistory = 50;

  Running running;
  std::optional<Order> order;
  std::deque<ReloadRecord> history;  ///< oldest first
};

[[nodiscard]] std::string to_text(const ReloadJournal& journal);
/// Nothing when the text is no journal. Every byte is hostile.
[[nodiscard]] std::optional<ReloadJournal> parse_reload_journal(const std::string& text);

}  // namespace haguard::proxy
