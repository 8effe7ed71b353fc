#pragma once
// What is answered to one line on the control socket, apart from the socket. Every byte of the line
// is hostile.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "supervisor/commands.h"
#include "supervisor/journal.h"
#include "supervisor/publication.h"

namespace haguard::supervisor {

/// Who knows the answers; all outlive their users.
struct ControlSources {
  const Publication& publication;
  Commands& commands;
  Journal& journal;
};

/// {"command": "events", "since": N, "limit": M, "follow": true}
struct EventsQuestion {
  std::optional<std::uint64_t> since;  ///< only those after it; none: the last ones
  std::size_t limit = Journal::kCapacity;
  bool follow = false;  ///< what comes later as well
};

struct ControlAnswers {
  /// To be called once, at once or later.
  Commands::Reply reply;
  /// Called before the reply of one who follows, with the number of the last event in the reply.
  /// False when he cannot be served: then he is refused.
  std::function<bool(std::uint64_t last)> follow;
  /// Called once for a command that changes something, before it is looked at: whether he may.
  std::function<bool(const std::string& command)> may_change;
};

void answer(const std::string& line, const ControlSources& sources, ControlAnswers answers);

/// One line with its end. Bytes that are not UTF-8 are replaced.
[[nodiscard]] std::string to_line(const nlohmann::json& json);

}  // namespace haguard::supervisor
