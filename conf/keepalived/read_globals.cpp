// global_defs: what every instance has unless it says otherwise.

#include <algorithm>
#include <array>

#include "conf/keepalived/sections.h"
#include "conf/keepalived/values.h"

namespace haguard::conf::keepalived {
namespace {

constexpr std::array kHandlers{
    Handler<Globals>{"vrrp_version",
                     [](const Statement& statement, Globals& globals, Findings& findings) {
                       assign(globals.version, integer_of(statement, findings), statement,
                              findings);
                     }},
    Handler<Globals>{"vrrp_startup_delay",
                     [](const Statement& statement, Globals& globals, Findings& findings) {
                       assign(globals.startup_delay, seconds_of(statement, findings), statement,
                              findings);
                     }},
    Handler<Globals>{"vrrp_garp_master_delay",
                     [](const Statement& statement, Globals& globals, Findings& findings) {
                       assign(globals.garp_delay, seconds_of(statement, findings), statement,
                              findings);
                     }},
    Handler<Globals>{"vrrp_garp_master_refresh",
                     [](const Statement& statement, Globals& globals, Findings& findings) {
                       assign(globals.garp_refresh, seconds_of(statement, findings), statement,
                              findings);
                     }},
    Handler<Globals>{"vrrp_down_timer_adverts",
                     [](const Statement& statement, Globals& globals, Findings& findings) {
                       assign(globals.down_adverts, integer_of(statement, findings), statement,
                              findings);
                     }},
    Handler<Globals>{"default_interface",
                     [](const Statement& statement, Globals& globals, Findings& findings) {
                       assign(globals.interface, word_of(statement, findings), statement, findings);
                     }},
    Handler<Globals>{"script_user",
                     [](const Statement& statement, Globals& globals, Findings& findings) {
                       if (!statement.argument(2).empty()) {
                         findings.dropped(
                             statement.place,
                             "the group of script_user: checks run with the user's own group");
                       }
                       Statement user = statement;
                       user.words.resize(std::min<std::size_t>(user.words.size(), 2));
                       assign(globals.script_user, word_of(user, findings), statement, findings);
                     }},
    Handler<Globals>{"vrrp_check_unicast_src",
                     [](const Statement& statement, Globals& globals, Findings& findings) {
                       globals.checks_unicast_source = switched_on(statement, findings).has_value();
                     }},
};

}  // namespace

Globals read_globals(const std::vector<Statement>& file, Findings& findings) {
  Globals globals;
  for (const Statement& statement : file) {
    if (statement.keyword() == "global_defs") {
      read_block<Globals>(statement.block, Scope::Global, kHandlers, globals, findings);
    }
  }
  return globals;
}

std::vector<std::string_view> global_keywords() {
  return keywords_of<Globals>(kHandlers);
}

}  // namespace haguard::conf::keepalived
