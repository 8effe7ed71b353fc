#pragma once
// What goes into haguard.toml: the model with the defaults of keepalived, wherever haguard has
// others, and without what neither of the two would do.

#include <optional>
#include <string>
#include <vector>

#include "conf/keepalived/finding.h"
#include "conf/keepalived/model.h"
#include "conf/units.h"

namespace haguard::conf::keepalived {

struct ResultUnicast {
  std::string source;  ///< empty: keepalived.conf does not name it
  std::vector<std::string> peers;
  int min_ttl = 1;
};

struct ResultGarp {
  std::vector<Duration> schedule;   ///< empty: as haguard does
  std::optional<Duration> refresh;  ///< the same
};

/// Settings that are empty are those of haguard without the setting.
struct ResultInstance {
  Place place;
  std::string name;
  std::string interface;
  int version = 2;
  Duration advertisement_interval{};
  std::optional<int> virtual_router_id;  ///< none: an error of the file
  int priority = 100;
  std::vector<Address> addresses;
  std::vector<Address> excluded;
  bool preempt = true;
  Duration preempt_delay{};
  Duration startup_delay{};
  std::optional<ResultUnicast> unicast;
  std::string password;
  bool checksum_as_v2 = false;
  std::optional<int> down_adverts;
  ResultGarp garp;
  bool virtual_mac = false;
  std::string sync_group;
  std::vector<std::string> checks;
};

struct ResultCheck {
  Place place;
  std::string name;
  std::string interface;  ///< of type interface; else of type exec
  Command command;
  std::string user;
  std::optional<int> weight;
  std::optional<Duration> interval;
  std::optional<Duration> timeout;
  std::optional<int> rise;
  std::optional<int> fall;
};

struct ResultHook {
  Place place;
  Command command;
};

struct Result {
  std::vector<ResultInstance> instances;
  bool watches_haproxy = false;
  std::vector<ResultCheck> checks;
  std::vector<ResultHook> on_active;
  std::vector<ResultHook> on_backup;
  std::vector<ResultHook> on_fault;
};

/// Each part has its findings: what is changed, and what keepalived does not do as expected.
[[nodiscard]] Result settle(const Model& model, Findings& findings);

[[nodiscard]] ResultInstance settle_instance(const Instance& instance, const Globals& globals,
                                             Findings& findings);
/// Groups become a setting of their members, which are `result`'s instances.
void settle_groups(const Model& model, Result& result, Findings& findings);
/// What is tracked becomes checks, and lists of checks of the instances.
void settle_checks(const Model& model, Result& result, Findings& findings);
/// notify_* becomes hooks. They are those of the daemon, so one of a single instance asks for it.
void settle_hooks(const Model& model, Result& result, Findings& findings);

}  // namespace haguard::conf::keepalived
