#pragma once
// One catalogue of operator messages: every notice as one line of text with a level. One line per
// fact, subject first, numbers with units, the reason in it. Pure, so tests pin the wording.

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "conf/config.h"
#include "supervisor/event.h"
#include "supervisor/message_table.h"

namespace haguard::supervisor {

struct Message {
  conf::LogLevel level = conf::LogLevel::Info;
  std::string text;
  std::string_view name{};  ///< of its row in the table: stable, and lives as long as the program
};

/// A line of this kind, at the level of its row.
[[nodiscard]] Message line(MessageId id, std::string text);

/// What the catalogue needs to name things.
struct Names {
  std::map<RouterId, std::string> routers;  ///< "edge/ipv4"
  std::map<CheckId, std::string> checks;
};

/// Nothing for notices that are only counted.
[[nodiscard]] std::optional<Message> message(const Notice& notice, const Names& names);

/// Why, as in `status`: "down timer expired: no advertisement from 172.28.1.2 for 3.609 s",
/// "fault: haproxy: worker 11 died (signal 9)".
[[nodiscard]] std::string reason(const StateChanged& change);

}  // namespace haguard::supervisor
