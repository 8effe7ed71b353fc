// [hooks]: what runs on a change of state.

#include "conf/kinds.h"
#include "conf/local_files.h"
#include "conf/sections.h"

namespace haguard::conf {
namespace {

using namespace std::chrono_literals;

/// They run one after the other, each with its own deadline.
constexpr std::size_t kMostCommands = 16;

/// A path alone, or an array of a path and its arguments.
std::optional<Hooks::Command> hook(const Value& value) {
  if (value.is_array()) {
    return command(value);
  }
  if (!value.text("the path of a program, or an array of it and its arguments")) {
    return std::nullopt;
  }
  auto path = program(value);
  return path ? std::optional(Hooks::Command{*std::move(path)}) : std::nullopt;
}

}  // namespace

void read_hooks(Table& hooks, Hooks& settings) {
  const auto commands = list_of(hook, 0, kMostCommands);
  hooks.read("on_active", settings.on_active, commands);
  hooks.read("on_backup", settings.on_backup, commands);
  hooks.read("on_fault", settings.on_fault, commands);
  hooks.read("timeout", settings.timeout, duration_between(100ms, 10min));
}

}  // namespace haguard::conf
