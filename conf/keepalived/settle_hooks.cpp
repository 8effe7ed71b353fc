// notify_* becomes [hooks].

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "conf/keepalived/result.h"
#include "conf/report.h"

namespace haguard::conf::keepalived {
namespace {

constexpr std::size_t kMostHooks = 16;

/// A list of [hooks] with the word that keepalived has for the state.
struct List {
  std::vector<ResultHook> Result::*hooks;
  std::string_view keyword;  ///< of keepalived
  std::string_view name;     ///< of haguard
  std::string_view state;
};
constexpr std::array kLists{
    List{&Result::on_active, "notify_master", "on_active", "MASTER"},
    List{&Result::on_backup, "notify_backup", "on_backup", "BACKUP"},
    List{&Result::on_fault, "notify_fault", "on_fault", "FAULT"},
};

/// Whose change of state it is told of: "INSTANCE" or "GROUP" with the name.
struct Subject {
  std::string_view kind;
  std::string name;
  std::string instance;     ///< the one whose change is taken for it
  bool is_the_only = true;  ///< no other instance has changes of its own
};

/// A shell does what haguard does not: ask for the instance, add keepalived's arguments.
Command wrapped(const Notify& notify, const List& list, const Subject& subject) {
  const bool adds_arguments = notify.keyword == "notify";
  if (subject.is_the_only && !adds_arguments) {
    return notify.command;
  }
  const auto condition = subject.is_the_only
                             ? ""
                             : fmt::format("[ \"$HAGUARD_INSTANCE\" != {} ] || ", subject.instance);
  const auto arguments = adds_arguments ? fmt::format(" {} {} {} \"$HAGUARD_PRIORITY\"",
                                                      subject.kind, subject.name, list.state)
                                        : "";
  Command result{"/bin/sh", "-c", fmt::format("{}exec \"$0\" \"$@\"{}", condition, arguments)};
  result.insert(result.end(), notify.command.begin(), notify.command.end());
  return result;
}

bool starts_haproxy(const Command& command) {
  const auto has = [&command](std::string_view text) {
    return std::ranges::any_of(
        command, [text](const std::string& word) { return word.find(text) != std::string::npos; });
  };
  return has("haproxy") && (has("start") || has("stop"));
}

class Hooks {
 public:
  Hooks(Result& result, Findings& findings) : result_(result), findings_(findings) {}

  void add(const std::vector<Notify>& notifies, const Subject& subject) {
    for (const Notify& notify : notifies) {
      findings_.changed(notify.place,
                        fmt::format("{} becomes a hook: hooks run one at a time with a deadline of "
                                    "10s, and the latest state replaces those that wait",
                                    notify.keyword));
      if (starts_haproxy(notify.command)) {
        findings_.verdict(notify.place,
                          "HAProxy has to run on both nodes: one where it is stopped is in fault "
                          "and never takes over; take the hook out");
      }
      for (const List& list : kLists) {
        if (notify.keyword == list.keyword || notify.keyword == "notify") {
          add(notify, list, subject);
        }
      }
    }
  }

 private:
  void add(const Notify& notify, const List& list, const Subject& subject) {
    auto& hooks = result_.*list.hooks;
    ResultHook hook{notify.place, wrapped(notify, list, subject)};
    if (std::ranges::find(hooks, hook.command, &ResultHook::command) != hooks.end()) {
      findings_.dropped(notify.place, fmt::format("{}: the same command is in {} already",
                                                  notify.keyword, list.name));
    } else if (hooks.size() >= kMostHooks) {
      findings_.dropped(notify.place,
                        fmt::format("{}: {} takes 16 programs", notify.keyword, list.name));
    } else {
      hooks.push_back(std::move(hook));
    }
  }

  Result& result_;
  Findings& findings_;
};

}  // namespace

void settle_hooks(const Model& model, Result& result, Findings& findings) {
  Hooks hooks(result, findings);
  const bool single = model.instances.size() == 1;
  for (const Instance& instance : model.instances) {
    hooks.add(instance.notifies, {"INSTANCE", instance.name, instance.name, single});
  }
  for (const Group& group : model.groups) {
    const auto member = std::ranges::find_if(group.members, [&](const At<std::string>& name) {
      return std::ranges::find(result.instances, name.value, &ResultInstance::name) !=
             result.instances.end();
    });
    if (member != group.members.end()) {
      hooks.add(group.notifies, {"GROUP", group.name, member->value, single});
    } else {
      for (const Notify& notify : group.notifies) {
        findings.dropped(notify.place, fmt::format("{}: the group has no member", notify.keyword));
      }
    }
  }
}

void settle_groups(const Model& model, Result& result, Findings& findings) {
  for (const Group& group : model.groups) {
    std::vector<ResultInstance*> members;
    for (const auto& [place, name] : group.members) {
      const auto found = std::ranges::find(result.instances, name, &ResultInstance::name);
      if (found == result.instances.end()) {
        findings.dropped(place, fmt::format("{} is no vrrp_instance", in_quotes(name)));
      } else if (!found->sync_group.empty()) {
        findings.dropped(place,
                         fmt::format("{} is in the group {} already", name, found->sync_group));
      } else if (std::ranges::find(members, &*found) == members.end()) {
        members.push_back(&*found);
      }
    }
    if (members.size() < 2) {
      findings.dropped(group.place,
                       fmt::format("vrrp_sync_group {}: it needs two instances", group.name));
      continue;
    }
    for (ResultInstance* member : members) {
      member->sync_group = group.name;
    }
  }
}

Result settle(const Model& model, Findings& findings) {
  Result result;
  for (const Instance& instance : model.instances) {
    result.instances.push_back(settle_instance(instance, model.globals, findings));
  }
  settle_groups(model, result, findings);
  settle_checks(model, result, findings);
  settle_hooks(model, result, findings);
  return result;
}

}  // namespace haguard::conf::keepalived
