// vrrp_script, vrrp_track_file and vrrp_track_process, the lists that name them, and notify_*.

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "conf/keepalived/command.h"
#include "conf/keepalived/sections.h"
#include "conf/keepalived/values.h"
#include "conf/report.h"

namespace haguard::conf::keepalived {
namespace {

constexpr std::string_view kReverse =
    "weight … reverse: haguard has no such check; take a command that fails in the other case";

/// "weight N" from word `first` on; nothing when it is not that, or reversed.
std::optional<int> weight_at(const Statement& statement, std::size_t first, Findings& findings) {
  const auto weight = integer(statement.argument(first));
  if (!weight) {
    findings.dropped(statement.place, fmt::format("weight {}: expected a number",
                                                  in_quotes(statement.argument(first))));
  } else if (statement.argument(first + 1) == "reverse") {
    findings.dropped(statement.place, std::string(kReverse));
    return std::nullopt;
  }
  refuse_rest(statement, first + 1, findings);
  return weight;
}

void read_command(const Statement& statement, Script& script, Findings& findings) {
  const auto text = command_text(statement, true);
  script.mentions_haproxy = text.find("haproxy") != std::string::npos;
  script.is_haproxy_check = asks_for_haproxy_only(text);
  if (script.is_haproxy_check) {
    script.command = At<Command>{statement.place, {text}};
  } else if (auto command = to_command(text, statement.place, findings)) {
    script.command = At<Command>{statement.place, *std::move(command)};
  }
}

void read_script_user(const Statement& statement, Script& script, Findings& findings) {
  if (!statement.argument(2).empty()) {
    findings.dropped(statement.place, "the group of user: checks run with the user's own group");
  }
  Statement user = statement;
  user.words.resize(std::min<std::size_t>(user.words.size(), 2));
  assign(script.user, word_of(user, findings), statement, findings);
}

void read_script_weight(const Statement& statement, Script& script, Findings& findings) {
  if (const auto weight = weight_at(statement, 1, findings)) {
    assign(script.weight, std::optional(At<int>{statement.place, *weight}), statement, findings);
  }
}

constexpr std::array kScriptHandlers{
    Handler<Script>{"script", read_command},
    Handler<Script>{"interval",
                    [](const Statement& statement, Script& script, Findings& findings) {
                      assign(script.interval, seconds_of(statement, findings), statement, findings);
                    }},
    Handler<Script>{"timeout",
                    [](const Statement& statement, Script& script, Findings& findings) {
                      assign(script.timeout, seconds_of(statement, findings), statement, findings);
                    }},
    Handler<Script>{"weight", read_script_weight},
    Handler<Script>{"rise",
                    [](const Statement& statement, Script& script, Findings& findings) {
                      assign(script.rise, integer_of(statement, findings), statement, findings);
                    }},
    Handler<Script>{"fall",
                    [](const Statement& statement, Script& script, Findings& findings) {
                      assign(script.fall, integer_of(statement, findings), statement, findings);
                    }},
    Handler<Script>{"user", read_script_user},
};

void read_subject(const Statement& statement, TrackedThing& thing, Findings& findings) {
  if (const auto word = word_of(statement, findings)) {
    thing.subject = word->value;
  }
}

constexpr std::array kThingHandlers{
    Handler<TrackedThing>{"file", read_subject},
    Handler<TrackedThing>{"process",
                          [](const Statement& statement, TrackedThing& thing, Findings& findings) {
                            thing.subject = statement.argument(1);
                            if (statement.words.size() > 2) {
                              findings.dropped(
                                  statement.place,
                                  "the parameters of process: only its name is looked for");
                            }
                          }},
    Handler<TrackedThing>{"weight",
                          [](const Statement& statement, TrackedThing& thing, Findings& findings) {
                            thing.weight = weight_at(statement, 1, findings);
                          }},
};

}  // namespace

Script read_script(const Statement& statement, Findings& findings) {
  Script script;
  script.place = statement.place;
  script.name = name_of(statement, findings);
  read_block<Script>(statement.block, Scope::Script, kScriptHandlers, script, findings);
  script.mentions_haproxy =
      script.mentions_haproxy || script.name.find("haproxy") != std::string::npos;
  return script;
}

TrackedThing read_thing(const Statement& statement, Tracked::Kind kind, Findings& findings) {
  TrackedThing thing;
  thing.place = statement.place;
  thing.kind = kind;
  thing.name = name_of(statement, findings);
  read_block<TrackedThing>(statement.block, Scope::Thing, kThingHandlers, thing, findings);
  return thing;
}

void read_tracked(const Statement& statement, Tracked::Kind kind, std::vector<Tracked>& into,
                  Findings& findings) {
  refuse_rest({statement.place, statement.words, {}, false}, 1, findings);
  for (const Statement& entry : statement.block) {
    Tracked tracked{entry.place, kind, entry.keyword(), {}};
    if (entry.argument(1) != "weight") {
      refuse_rest(entry, 1, findings);
    } else if (entry.argument(3) == "reverse") {
      findings.dropped(entry.place, fmt::format("{}: {}", in_quotes(entry.keyword()), kReverse));
      continue;
    } else {
      tracked.weight = weight_at(entry, 2, findings);
    }
    if (has_room(into.size(), entry.place, findings)) {
      into.push_back(std::move(tracked));
    }
  }
}

void read_notify(const Statement& statement, std::vector<Notify>& into, Findings& findings) {
  const auto first = std::ranges::find(into, statement.keyword(), &Notify::keyword);
  if (first != into.end()) {
    findings.dropped(statement.place, fmt::format("{}: the one of line {} counts",
                                                  statement.keyword(), first->place.line));
    return;
  }
  if (statement.words.size() > 2) {
    findings.dropped(statement.place,
                     fmt::format("{} behind the command of {} is a user to keepalived; hooks run "
                                 "as root",
                                 in_quotes(statement.argument(2)), statement.keyword()));
  }
  if (auto command = to_command(command_text(statement, false), statement.place, findings)) {
    into.push_back({statement.place, statement.keyword(), *std::move(command)});
  }
}

std::vector<std::string_view> script_keywords() {
  return keywords_of<Script>(kScriptHandlers);
}

std::vector<std::string_view> thing_keywords() {
  return keywords_of<TrackedThing>(kThingHandlers);
}

}  // namespace haguard::conf::keepalived
