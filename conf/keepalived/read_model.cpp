// The top level of keepalived.conf.

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "conf/keepalived/sections.h"
#include "conf/keepalived/values.h"
#include "conf/report.h"

namespace haguard::conf::keepalived {
namespace {

/// keepalived skips the second block of a name.
template <class T>
void add(std::vector<T>& all, T one, std::string_view what, Findings& findings) {
  if (!has_room(all.size(), one.place, findings)) {
    return;
  }
  const auto twin = std::ranges::find(all, one.name, &T::name);
  if (twin != all.end()) {
    findings.dropped(one.place, fmt::format("{} {} and all in its block: the one of line {} counts",
                                            what, one.name, twin->place.line));
    return;
  }
  all.push_back(std::move(one));
}

void skip(const Statement& /*statement*/, Model& /*model*/, Findings& /*findings*/) {}

constexpr std::array kHandlers{
    Handler<Model>{"global_defs", skip},
    Handler<Model>{"vrrp_instance",
                   [](const Statement& statement, Model& model, Findings& findings) {
                     add(model.instances, read_instance(statement, findings), "vrrp_instance",
                         findings);
                   }},
    Handler<Model>{"vrrp_script",
                   [](const Statement& statement, Model& model, Findings& findings) {
                     add(model.scripts, read_script(statement, findings), "vrrp_script", findings);
                   }},
    Handler<Model>{"vrrp_sync_group",
                   [](const Statement& statement, Model& model, Findings& findings) {
                     add(model.groups, read_group(statement, findings), "vrrp_sync_group",
                         findings);
                   }},
    Handler<Model>{"vrrp_track_file",
                   [](const Statement& statement, Model& model, Findings& findings) {
                     add(model.things, read_thing(statement, Tracked::Kind::File, findings),
                         "vrrp_track_file", findings);
                   }},
    Handler<Model>{"track_file",
                   [](const Statement& statement, Model& model, Findings& findings) {
                     add(model.things, read_thing(statement, Tracked::Kind::File, findings),
                         "track_file", findings);
                   }},
    Handler<Model>{"vrrp_track_process",
                   [](const Statement& statement, Model& model, Findings& findings) {
                     add(model.things, read_thing(statement, Tracked::Kind::Process, findings),
                         "vrrp_track_process", findings);
                   }},
};

}  // namespace

Model read_model(const std::vector<Statement>& file, Findings& findings) {
  Model model;
  model.globals = read_globals(file, findings);
  read_block<Model>(file, Scope::Top, kHandlers, model, findings);
  return model;
}

std::vector<std::string_view> top_keywords() {
  return keywords_of<Model>(kHandlers);
}

std::vector<KnownKeyword> converted_keywords() {
  std::vector<KnownKeyword> result;
  const auto add_all = [&result](Scope scope, const std::vector<std::string_view>& keywords) {
    for (const std::string_view keyword : keywords) {
      result.push_back({scope, keyword});
    }
  };
  add_all(Scope::Top, top_keywords());
  add_all(Scope::Global, global_keywords());
  add_all(Scope::Instance, instance_keywords());
  add_all(Scope::Group, group_keywords());
  add_all(Scope::Script, script_keywords());
  add_all(Scope::Thing, thing_keywords());
  return result;
}

}  // namespace haguard::conf::keepalived
