// vrrp_instance: one virtual router.

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "conf/keepalived/sections.h"
#include "conf/keepalived/values.h"
#include "conf/report.h"

namespace haguard::conf::keepalived {
namespace {

/// Of two the first one counts, and a word that keepalived does not know is BACKUP to it.
void read_state(const Statement& statement, Instance& instance, Findings& findings) {
  refuse_rest(statement, 2, findings);
  const std::string word(statement.argument(1));
  if (instance.state) {
    findings.dropped(statement.place,
                     fmt::format("state: the one of line {} counts", instance.state->place.line));
    return;
  }
  const bool known = word == "MASTER" || word == "BACKUP";
  instance.state = At<std::string>{statement.place, known ? word : "BACKUP"};
  if (!known) {
    findings.verdict(statement.place,
                     fmt::format("state {} is BACKUP to keepalived, which knows MASTER and BACKUP "
                                 "only",
                                 in_quotes(word)));
  }
}

void read_authentication(const Statement& statement, Instance& instance, Findings& findings) {
  Authentication result{statement.place, {}, {statement.place, {}}};
  for (const Statement& entry : statement.block) {
    if (entry.keyword() == "auth_type" && entry.words.size() > 1) {
      result.type = entry.argument(1);
    } else if (entry.keyword() == "auth_pass" && entry.words.size() > 1) {
      result.password = {entry.place, entry.words[1].text};
    } else {
      // Its words may be a password.
      findings.dropped(entry.place,
                       "something in authentication that is neither auth_type nor "
                       "auth_pass with a value");
      continue;
    }
    if (entry.words.size() > 2) {
      findings.dropped(entry.place, fmt::format("what stands behind the value of {}: one setting "
                                                "per line",
                                                entry.keyword()));
    }
  }
  instance.authentication = std::move(result);
}

/// The name of its device is given up: haguard has one of its own.
void read_virtual_mac(const Statement& statement, Instance& instance, Findings& findings) {
  if (statement.words.size() > 1) {
    findings.changed(statement.place,
                     fmt::format("use_vmac {}: the device is called vrrp4.<id> or vrrp6.<id>",
                                 in_quotes(statement.argument(1))));
  }
  instance.virtual_mac = statement.place;
}

constexpr std::array kHandlers{
    Handler<Instance>{"state", read_state},
    Handler<Instance>{"interface",
                      [](const Statement& statement, Instance& instance, Findings& findings) {
                        assign(instance.interface, word_of(statement, findings), statement,
                               findings);
                      }},
    Handler<Instance>{"version",
                      [](const Statement& statement, Instance& instance, Findings& findings) {
                        assign(instance.version, integer_of(statement, findings), statement,
                               findings);
                      }},
    Handler<Instance>{"virtual_router_id",
                      [](const Statement& statement, Instance& instance, Findings& findings) {
                        assign(instance.virtual_router_id, integer_of(statement, findings),
                               statement, findings);
                      }},
    Handler<Instance>{"priority",
                      [](const Statement& statement, Instance& instance, Findings& findings) {
                        assign(instance.priority, integer_of(statement, findings), statement,
                               findings);
                      }},
    Handler<Instance>{"advert_int",
                      [](const Statement& statement, Instance& instance, Findings& findings) {
                        assign(instance.advertisement_interval, seconds_of(statement, findings),
                               statement, findings);
                      }},
    Handler<Instance>{"down_timer_adverts",
                      [](const Statement& statement, Instance& instance, Findings& findings) {
                        assign(instance.down_adverts, integer_of(statement, findings), statement,
                               findings);
                      }},
    Handler<Instance>{"preempt_delay",
                      [](const Statement& statement, Instance& instance, Findings& findings) {
                        assign(instance.preempt_delay, seconds_of(statement, findings), statement,
                               findings);
                      }},
    Handler<Instance>{"garp_master_delay",
                      [](const Statement& statement, Instance& instance, Findings& findings) {
                        assign(instance.garp_delay, seconds_of(statement, findings), statement,
                               findings);
                      }},
    Handler<Instance>{"garp_master_refresh",
                      [](const Statement& statement, Instance& instance, Findings& findings) {
                        assign(instance.garp_refresh, seconds_of(statement, findings), statement,
                               findings);
                      }},
    Handler<Instance>{"unicast_src_ip",
                      [](const Statement& statement, Instance& instance, Findings& findings) {
                        assign(instance.unicast_source, word_of(statement, findings), statement,
                               findings);
                      }},
    Handler<Instance>{"unicast_peer",
                      [](const Statement& statement, Instance& instance, Findings& findings) {
                        instance.unicast = statement.place;
                        read_peers(statement, instance.peers, findings);
                      }},
    Handler<Instance>{"check_unicast_src",
                      [](const Statement& statement, Instance& instance, Findings& findings) {
                        instance.checks_unicast_source =
                            switched_on(statement, findings).has_value();
                      }},
    Handler<Instance>{"nopreempt",
                      [](const Statement& statement, Instance& instance, Findings& findings) {
                        instance.nopreempt = switched_on(statement, findings);
                      }},
    Handler<Instance>{"preempt",
                      [](const Statement& statement, Instance& instance, Findings& findings) {
                        if (switched_on(statement, findings)) {
                          instance.nopreempt.reset();
                        }
                      }},
    Handler<Instance>{"authentication", read_authentication},
    Handler<Instance>{"virtual_ipaddress",
                      [](const Statement& statement, Instance& instance, Findings& findings) {
                        read_addresses(statement, instance.addresses, findings);
                      }},
    Handler<Instance>{"virtual_ipaddress_excluded",
                      [](const Statement& statement, Instance& instance, Findings& findings) {
                        read_addresses(statement, instance.excluded, findings);
                      }},
    Handler<Instance>{"use_vmac", read_virtual_mac},
    Handler<Instance>{"v3_checksum_as_v2",
                      [](const Statement& statement, Instance& instance, Findings& findings) {
                        instance.checksum_as_v2 = switched_on(statement, findings);
                      }},
    Handler<Instance>{"track_script",
                      [](const Statement& statement, Instance& instance, Findings& findings) {
                        read_tracked(statement, Tracked::Kind::Script, instance.tracked, findings);
                      }},
    Handler<Instance>{"track_interface",
                      [](const Statement& statement, Instance& instance, Findings& findings) {
                        read_tracked(statement, Tracked::Kind::Interface, instance.tracked,
                                     findings);
                      }},
    Handler<Instance>{"track_file",
                      [](const Statement& statement, Instance& instance, Findings& findings) {
                        read_tracked(statement, Tracked::Kind::File, instance.tracked, findings);
                      }},
    Handler<Instance>{"track_process",
                      [](const Statement& statement, Instance& instance, Findings& findings) {
                        read_tracked(statement, Tracked::Kind::Process, instance.tracked, findings);
                      }},
    Handler<Instance>{"notify_master",
                      [](const Statement& statement, Instance& instance, Findings& findings) {
                        read_notify(statement, instance.notifies, findings);
                      }},
    Handler<Instance>{"notify_backup",
                      [](const Statement& statement, Instance& instance, Findings& findings) {
                        read_notify(statement, instance.notifies, findings);
                      }},
    Handler<Instance>{"notify_fault",
                      [](const Statement& statement, Instance& instance, Findings& findings) {
                        read_notify(statement, instance.notifies, findings);
                      }},
    Handler<Instance>{"notify",
                      [](const Statement& statement, Instance& instance, Findings& findings) {
                        read_notify(statement, instance.notifies, findings);
                      }},
};

}  // namespace

Instance read_instance(const Statement& statement, Findings& findings) {
  Instance instance;
  instance.place = statement.place;
  instance.name = name_of(statement, findings);
  read_block<Instance>(statement.block, Scope::Instance, kHandlers, instance, findings);
  return instance;
}

std::vector<std::string_view> instance_keywords() {
  auto result = keywords_of<Instance>(kHandlers);
  result.insert(result.end(), {"auth_type", "auth_pass"});
  return result;
}

}  // namespace haguard::conf::keepalived
