// vrrp_sync_group: instances that are Active and Backup together.

#include <array>

#include "conf/keepalived/sections.h"
#include "conf/keepalived/values.h"

namespace haguard::conf::keepalived {
namespace {

/// All words of its block, however they stand on lines.
void read_members(const Statement& statement, Group& group, Findings& findings) {
  refuse_rest({statement.place, statement.words, {}, false}, 1, findings);
  for (const Statement& entry : statement.block) {
    for (const Word& word : entry.words) {
      if (has_room(group.members.size(), entry.place, findings)) {
        group.members.push_back({entry.place, plain_name(word.text)});
      }
    }
  }
}

constexpr std::array kHandlers{
    Handler<Group>{"group", read_members},
    Handler<Group>{"track_script",
                   [](const Statement& statement, Group& group, Findings& findings) {
                     read_tracked(statement, Tracked::Kind::Script, group.tracked, findings);
                   }},
    Handler<Group>{"track_interface",
                   [](const Statement& statement, Group& group, Findings& findings) {
                     read_tracked(statement, Tracked::Kind::Interface, group.tracked, findings);
                   }},
    Handler<Group>{"track_file",
                   [](const Statement& statement, Group& group, Findings& findings) {
                     read_tracked(statement, Tracked::Kind::File, group.tracked, findings);
                   }},
    Handler<Group>{"track_process",
                   [](const Statement& statement, Group& group, Findings& findings) {
                     read_tracked(statement, Tracked::Kind::Process, group.tracked, findings);
                   }},
    Handler<Group>{"notify_master",
                   [](const Statement& statement, Group& group, Findings& findings) {
                     read_notify(statement, group.notifies, findings);
                   }},
    Handler<Group>{"notify_backup",
                   [](const Statement& statement, Group& group, Findings& findings) {
                     read_notify(statement, group.notifies, findings);
                   }},
    Handler<Group>{"notify_fault",
                   [](const Statement& statement, Group& group, Findings& findings) {
                     read_notify(statement, group.notifies, findings);
                   }},
    Handler<Group>{"notify",
                   [](const Statement& statement, Group& group, Findings& findings) {
                     read_notify(statement, group.notifies, findings);
                   }},
};

}  // namespace

Group read_group(const Statement& statement, Findings& findings) {
  Group group;
  group.place = statement.place;
  group.name = name_of(statement, findings);
  read_block<Group>(statement.block, Scope::Group, kHandlers, group, findings);
  return group;
}

std::vector<std::string_view> group_keywords() {
  return keywords_of<Group>(kHandlers);
}

}  // namespace haguard::conf::keepalived
