#pragma once
// One function per block of keepalived.conf: reads it into the model and names what it leaves out.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conf/keepalived/finding.h"
#include "conf/keepalived/keywords.h"
#include "conf/keepalived/model.h"
#include "conf/keepalived/tree.h"

namespace haguard::conf::keepalived {

/// All of the file. global_defs count wherever they stand.
[[nodiscard]] Model read_model(const std::vector<Statement>& file, Findings& findings);

[[nodiscard]] Globals read_globals(const std::vector<Statement>& file, Findings& findings);
[[nodiscard]] Instance read_instance(const Statement& statement, Findings& findings);
[[nodiscard]] Script read_script(const Statement& statement, Findings& findings);
[[nodiscard]] Group read_group(const Statement& statement, Findings& findings);
[[nodiscard]] TrackedThing read_thing(const Statement& statement, Tracked::Kind kind,
                                      Findings& findings);

/// virtual_ipaddress and virtual_ipaddress_excluded: one address per line.
void read_addresses(const Statement& statement, std::vector<Address>& into, Findings& findings);
/// unicast_peer: one address per line.
void read_peers(const Statement& statement, std::vector<Peer>& into, Findings& findings);
/// track_script, track_interface, …: one name per line, with a weight.
void read_tracked(const Statement& statement, Tracked::Kind kind, std::vector<Tracked>& into,
                  Findings& findings);
/// notify_master and its kind; of two the first one counts.
void read_notify(const Statement& statement, std::vector<Notify>& into, Findings& findings);

/// The keywords of each block that are taken over.
[[nodiscard]] std::vector<std::string_view> global_keywords();
[[nodiscard]] std::vector<std::string_view> instance_keywords();
[[nodiscard]] std::vector<std::string_view> script_keywords();
[[nodiscard]] std::vector<std::string_view> group_keywords();
[[nodiscard]] std::vector<std::string_view> thing_keywords();
[[nodiscard]] std::vector<std::string_view> top_keywords();
[[nodiscard]] std::vector<KnownKeyword> converted_keywords();

/// Puts a value where the last one counts; one that it replaces is a finding.
template <class T>
void assign(std::optional<At<T>>& slot, std::optional<At<T>> value, const Statement& statement,
            Findings& findings) {
  if (!value) {
    return;
  }
  if (slot) {
    findings.dropped(slot->place, statement.keyword() + " is given again in line " +
                                      std::to_string(value->place.line) + ", which counts");
  }
  slot = std::move(value);
}

}  // namespace haguard::conf::keepalived
