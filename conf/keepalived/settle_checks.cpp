// What is tracked becomes checks.

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "conf/config.h"
#include "conf/keepalived/result.h"
#include "conf/keepalived/settle_script.h"
#include "conf/keepalived/values.h"
#include "conf/report.h"

namespace haguard::conf::keepalived {
namespace {

constexpr int kHeaviest = 253;
/// Passes while the number in the file $0 is 0 or there is none, as keepalived reads it.
constexpr std::string_view kNumberIsZero =
    "read -r n 2>/dev/null <\"$0\" || [ -n \"$n\" ] || exit 0; [ \"$n\" -eq 0 ]";

/// keepalived's 0 is a fault, which haguard's checks have when they have no weight.
std::optional<int> clamped(std::optional<int> weight) {
  const int value = std::clamp(weight.value_or(0), -kHeaviest, kHeaviest);
  return value == 0 ? std::nullopt : std::optional(value);
}

template <class T>
const T* find(const std::vector<T>& all, const std::string& name) {
  const auto found = std::ranges::find(all, name, &T::name);
  return found == all.end() ? nullptr : &*found;
}

class Tracking {
 public:
  Tracking(const Model& model, Result& result, Findings& findings)
      : model_(model), result_(result), findings_(findings) {}

  /// The names of the checks that count for the instance, the built-in one among them.
  std::vector<std::string> names(const Instance& instance, const ResultInstance& settled) {
    std::vector<std::string> result;
    const auto add = [&result](const std::string& name) {
      if (!name.empty() && std::ranges::find(result, name) == result.end()) {
        result.push_back(name);
      }
    };
    for (const Tracked& tracked : tracked_by(instance)) {
      add(check_for(tracked, settled));
      const Script* script = find(model_.scripts, plain_name(tracked.name));
      const bool is_script = tracked.kind == Tracked::Kind::Script && script != nullptr;
      add(is_script && script->mentions_haproxy ? kBuiltInCheck : "");
    }
    return result;
  }

  /// Scripts that nobody tracks are not run by keepalived either.
  void tell_of_the_others() {
    for (const Script& script : model_.scripts) {
      if (!used_.contains(script.name)) {
        findings_.dropped(script.place,
                          fmt::format("vrrp_script {}: no track_script names it", script.name));
      }
    }
    for (const TrackedThing& thing : model_.things) {
      if (!used_.contains(thing.name)) {
        findings_.dropped(thing.place, fmt::format("{}: no instance tracks it", thing.name));
      }
    }
  }

 private:
  void add_tracked(const Group& group, const Instance& instance, std::vector<Tracked>& into) const {
    if (has_room(into.size(), instance.place, findings_)) {
      into.insert(into.end(), group.tracked.begin(), group.tracked.end());
    }
  }

  /// Its own, and what its groups track.
  std::vector<Tracked> tracked_by(const Instance& instance) const {
    auto result = instance.tracked;
    for (const Group& group : model_.groups) {
      if (std::ranges::find(group.members, instance.name, &At<std::string>::value) !=
          group.members.end()) {
        add_tracked(group, instance, result);
      }
    }
    return result;
  }

  /// Empty when nothing is to be checked.
  std::string check_for(const Tracked& tracked, const ResultInstance& instance) {
    switch (tracked.kind) {
      case Tracked::Kind::Script:
        return for_script(tracked, instance);
      case Tracked::Kind::Interface:
        return for_interface(tracked, instance);
      case Tracked::Kind::File:
      case Tracked::Kind::Process:
        return for_thing(tracked);
    }
    return {};
  }

  std::string for_script(const Tracked& tracked, const ResultInstance& instance) {
    const Script* script = find(model_.scripts, plain_name(tracked.name));
    if (script != nullptr) {
      used_.insert(script->name);
    }
    if (script == nullptr || !script->command) {
      findings_.verdict(tracked.place,
                        fmt::format("track_script {} names no vrrp_script with a command: "
                                    "keepalived runs without that check",
                                    in_quotes(tracked.name)));
      return {};
    }
    const auto weight = tracked.weight   ? tracked.weight
                        : script->weight ? std::optional(script->weight->value)
                                         : std::nullopt;
    if (weight.value_or(0) != 0) {
      judge_weight(*script, tracked, instance);
    }
    if (script->is_haproxy_check) {
      tell_of_haproxy(*script, tracked, weight, findings_);
      return kBuiltInCheck;
    }
    return check_named(script->name, tracked, weight,
                       [&] { return exec_check(*script, model_.globals, findings_); });
  }

  void judge_weight(const Script& script, const Tracked& tracked, const ResultInstance& instance) {
    if (!instance.preempt) {
      findings_.verdict(
          tracked.place,
          fmt::format("a weight moves nothing with nopreempt, as the peer does not "
                      "preempt: {}",
                      script.is_haproxy_check ? "here a failing HAProxy gives the addresses up"
                                              : "take the weight off, so that failing is a fault"));
    }
    if (!instance.sync_group.empty() && !script.is_haproxy_check) {
      findings_.verdict(tracked.place,
                        "keepalived ignores the weights of instances of a sync group unless "
                        "sync_group_tracking_weight is given: here they count");
    }
  }

  std::string for_interface(const Tracked& tracked, const ResultInstance& instance) {
    if (tracked.name == instance.interface) {
      findings_.dropped(tracked.place,
                        fmt::format("track_interface {}: the interface of the instance always "
                                    "counts",
                                    in_quotes(tracked.name)));
      return {};
    }
    return check_named("link-" + tracked.name, tracked, tracked.weight, [&] {
      ResultCheck check;
      check.interface = tracked.name;
      return check;
    });
  }

  std::string for_thing(const Tracked& tracked) {
    const TrackedThing* thing = find(model_.things, plain_name(tracked.name));
    if (thing != nullptr) {
      used_.insert(thing->name);
    }
    if (thing == nullptr || thing->kind != tracked.kind || thing->subject.empty()) {
      findings_.verdict(tracked.place, fmt::format("{} is not defined: keepalived runs without it",
                                                   in_quotes(tracked.name)));
      return {};
    }
    return thing->kind == Tracked::Kind::File ? for_file(tracked, *thing)
                                              : for_process(tracked, *thing);
  }

  std::string for_file(const Tracked& tracked, const TrackedThing& thing) {
    const int weight = tracked.weight ? *tracked.weight : thing.weight.value_or(1);
    if (weight > 0) {
      findings_.dropped(tracked.place,
                        fmt::format("track_file {} with weight {}: haguard adds no number of a "
                                    "file to the priority; a check of type \"file\" with a "
                                    "negative weight fails while the file exists",
                                    in_quotes(tracked.name), weight));
      return {};
    }
    findings_.changed(
        tracked.place,
        fmt::format("track_file {} is a check that fails while the number in the "
                    "file is not 0{}; a check of type \"file\", which fails while "
                    "the file exists, is simpler",
                    in_quotes(tracked.name), weight == 0 ? "" : ", its weight not multiplied"));
    return check_named(thing.name, tracked, weight, [&] {
      ResultCheck check;
      check.command = {"/bin/sh", "-c", std::string(kNumberIsZero), thing.subject};
      return at_once(std::move(check));
    });
  }

  std::string for_process(const Tracked& tracked, const TrackedThing& thing) {
    const auto weight = tracked.weight ? tracked.weight : thing.weight;
    const auto program = thing.subject.substr(thing.subject.rfind('/') + 1);
    if (program == "haproxy") {
      findings_.changed(tracked.place, fmt::format("{} is the built-in check \"haproxy\", without "
                                                   "a weight: failing is a fault",
                                                   thing.name));
      return kBuiltInCheck;
    }
    findings_.changed(tracked.place,
                      fmt::format("the process {} is looked for with pidof, every 500ms; a check "
                                  "of type tcp or http asks whether it serves",
                                  in_quotes(program)));
    return check_named(thing.name, tracked, weight, [&] {
      ResultCheck check;
      check.command = {"/bin/pidof", program};
      return at_once(std::move(check));
    });
  }

  /// keepalived hears of files and processes as they change, and counts nothing.
  static ResultCheck at_once(ResultCheck check) {
    check.rise = 1;
    check.fall = 1;
    return check;
  }

  /// The check of that name and weight: one that several instances track is one check, unless they
  /// give it different weights.
  template <class Make>
  std::string check_named(const std::string& wanted, const Tracked& tracked,
                          std::optional<int> weight, const Make& make) {
    const auto key = std::pair(wanted, clamped(weight));
    if (const auto known = names_.find(key); known != names_.end()) {
      return known->second;
    }
    ResultCheck check = make();
    check.place = tracked.place;
    check.weight = key.second;
    check.name = fresh_name(plain_name(wanted), tracked.place);
    if (check.weight && check.interface.empty()) {
      findings_.verdict(tracked.place,
                        fmt::format("whether the weight {} of {} moves the addresses depends on "
                                    "the peer's priority: `haguard check --peer-config FILE` says",
                                    *check.weight, check.name));
    }
    names_.emplace(key, check.name);
    result_.checks.push_back(check);
    return check.name;
  }

  std::string fresh_name(const std::string& wanted, const Place& place) {
    const auto taken = [this](const std::string& name) {
      return name == kBuiltInCheck || find(result_.checks, name) != nullptr;
    };
    std::string name = wanted;
    for (unsigned i = 2; taken(name); ++i) {
      name = fmt::format("{}-{}", wanted.substr(0, 56), i);
    }
    if (name != wanted) {
      findings_.changed(place, fmt::format("the check is called {}, as {} is taken", name, wanted));
    }
    return name;
  }

  const Model& model_;
  Result& result_;
  Findings& findings_;
  std::set<std::string> used_;
  std::map<std::pair<std::string, std::optional<int>>, std::string> names_;
};

bool watches_haproxy(const Model& model) {
  const auto asks = [](const Script& script) {
    return script.is_haproxy_check || script.mentions_haproxy;
  };
  const auto is_haproxy = [](const TrackedThing& thing) {
    return thing.kind == Tracked::Kind::Process && thing.subject.ends_with("haproxy");
  };
  return std::ranges::any_of(model.scripts, asks) || std::ranges::any_of(model.things, is_haproxy);
}

/// An instance without a list has all checks; the list of one that has all is left out.
void choose(ResultInstance& instance, std::vector<std::string> names, const Result& result,
            Findings& findings) {
  const auto all = result.checks.size() + (result.watches_haproxy ? 1 : 0);
  if (names.empty() && all > 0) {
    findings.changed(
        instance.place,
        fmt::format("{} tracks nothing, which haguard cannot say: {} counts for it", instance.name,
                    result.watches_haproxy ? "the check \"haproxy\"" : "every check"));
    names = result.watches_haproxy ? std::vector<std::string>{kBuiltInCheck} : names;
  }
  if (names.size() < all) {
    instance.checks = std::move(names);
  }
}

}  // namespace

void settle_checks(const Model& model, Result& result, Findings& findings) {
  result.watches_haproxy = watches_haproxy(model);
  Tracking tracking(model, result, findings);
  std::vector<std::vector<std::string>> names;
  for (std::size_t i = 0; i < result.instances.size(); ++i) {
    names.push_back(tracking.names(model.instances[i], result.instances[i]));
  }
  tracking.tell_of_the_others();
  for (std::size_t i = 0; i < result.instances.size(); ++i) {
    choose(result.instances[i], std::move(names[i]), result, findings);
  }
  if (!result.watches_haproxy && !result.instances.empty()) {
    findings.warning(result.instances.front().place,
                     "nothing here asks for HAProxy, so haproxy.mode is \"none\": take the line "
                     "out, and haguard gives the addresses up when HAProxy fails");
  }
}

}  // namespace haguard::conf::keepalived
