#pragma once
// The commands of keepalived.conf: what they run, and whether that is what haguard does by itself.

#include <optional>
#include <string>
#include <string_view>

#include "conf/keepalived/finding.h"
#include "conf/keepalived/model.h"
#include "conf/keepalived/tree.h"

namespace haguard::conf::keepalived {

/// The text of a command: one quoted word, or all words of the line.
[[nodiscard]] std::string command_text(const Statement& statement, bool all_words);

/// What haguard can run: an absolute path and its arguments. A shell runs what needs one, and
/// /usr/bin/env what has no path. Nothing for an empty command.
[[nodiscard]] std::optional<Command> to_command(std::string_view text, const Place& place,
                                                Findings& findings);

/// Asks only whether HAProxy runs: `killall -0 haproxy`, `pidof haproxy`, `systemctl is-active
/// haproxy`, `kill -0 $(cat /run/haproxy.pid)` and their kind.
[[nodiscard]] bool asks_for_haproxy_only(std::string_view text);

}  // namespace haguard::conf::keepalived
