#pragma once
// One function per part of haguard.toml: reads its tables into the Config and reports every problem
// in them. Checks come before instances, which name them.

#include <optional>
#include <string>
#include <vector>

#include "conf/config.h"
#include "conf/places.h"
#include "conf/reader.h"

namespace haguard::conf {

/// Everything but checks and instances.
void read_settings(Table& file, Config& config);
/// [hooks]: what runs on a change of state.
void read_hooks(Table& hooks, Hooks& settings);
/// [[check]], and the built-in check when HAProxy is watched.
void read_checks(Table& file, Config& config);
/// [vrrp] and [[vrrp.instance]]. False when there is no instance.
[[nodiscard]] bool read_instances(Table& file, Config& config);

/// Settings of one instance that cannot be true together.
void refuse_contradictions(Table& table, const Instance& instance);
/// Settings of the instances of one sync group that cannot be true together.
void refuse_mixed_groups(Table& vrrp, const std::vector<Instance>& instances);

/// The password of an `authentication` table: given there or in the file named there, cut to the
/// bytes that go on the wire. No problem ever shows it.
[[nodiscard]] std::optional<std::string> read_password(Table& authentication);

/// Of [vrrp], the instances and the checks. `files` are those that the document was read from.
[[nodiscard]] Places places_of(const toml::table& document, std::vector<std::string> files);

}  // namespace haguard::conf
