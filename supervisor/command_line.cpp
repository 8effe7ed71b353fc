#include "supervisor/command_line.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "supervisor/journal.h"

namespace haguard::supervisor {
namespace {

constexpr const char* kAnswerAsJson = "print the daemon's answer as JSON";

void add_config(CLI::App& app, Invocation& asked) {
  app.add_option("-c,--config", asked.config_file, "configuration file")
      ->type_name("FILE")
      ->capture_default_str();
}

CLI::App& add(CLI::App& parent, Invocation& asked, Command command, const std::string& name,
              const std::string& what) {
  CLI::App* sub = parent.add_subcommand(name, what);
  sub->callback([&asked, command] { asked.command = command; });
  return *sub;
}

/// One that is about the daemon of a configuration.
CLI::App& add_with_config(CLI::App& parent, Invocation& asked, Command command,
                          const std::string& name, const std::string& what) {
  CLI::App& sub = add(parent, asked, command, name, what);
  add_config(sub, asked);
  return sub;
}

void add_check(CLI::App& app, Invocation& asked) {
  add_with_config(app, asked, Command::Check, "check",
                  "print every error and warning of the configuration")
      .add_option("--peer-config", asked.peer_file,
                  "that of the other node: what only the pair shows")
      ->type_name("FILE");
}

void add_status(CLI::App& app, Invocation& asked) {
  CLI::App& sub = add_with_config(app, asked, Command::Status, "status",
                                  "show instances, checks, HAProxy and peers");
  sub.add_flag("--json", asked.status.json, "as JSON");
  sub.add_flag("--watch", asked.status.watch, "again every second, until interrupted");
}

void add_reload(CLI::App& app, Invocation& asked) {
  add_with_config(app, asked, Command::Reload, "reload",
                  "read the configuration again: taken as a whole, or refused")
      .add_flag("--json", asked.reload_json, kAnswerAsJson);
}

void add_events(CLI::App& app, Invocation& asked) {
  CLI::App& sub = add_with_config(app, asked, Command::Events, "events", "show what happened last");
  sub.add_flag("--follow", asked.events.follow, "and what happens from now on, until interrupted");
  sub.add_flag("--json", asked.events.json, "one JSON object per line");
  sub.add_option("-n", asked.events.last, "how many of the last ones")
      ->type_name("N")
      ->check(CLI::Range(0, static_cast<int>(Journal::kCapacity)))
      ->capture_default_str();
}

void add_drain(CLI::App& app, Invocation& asked) {
  CLI::App& drain =
      add_with_config(app, asked, Command::Drain, "drain",
                      "let HAProxy's clients leave, hand the addresses over and stay out");
  drain
      .add_option("--timeout", asked.drain.timeout,
                  "wait so long for connections to end, such as 30s; default: "
                  "haproxy.drain.timeout")
      ->type_name("DURATION");
  drain.add_flag("--force", asked.drain.force,
                 "also when nobody is there to take over: then the addresses are gone");
  drain.add_flag("--json", asked.drain.json, kAnswerAsJson);
  add_with_config(app, asked, Command::Undrain, "undrain", "take part in elections again")
      .add_flag("--json", asked.drain.json, kAnswerAsJson);
}

/// `haguard proxy …`
void add_proxy(CLI::App& app, Invocation& asked) {
  CLI::App* proxy = app.add_subcommand("proxy", "HAProxy's reloads");
  proxy->require_subcommand(1);
  const auto command = [&](Command what, const std::string& name,
                           const std::string& text) -> CLI::App& {
    CLI::App& sub = add_with_config(*proxy, asked, what, name, text);
    sub.add_flag("--json", asked.proxy_json, kAnswerAsJson);
    return sub;
  };
  command(Command::ProxyReload, "reload",
          "validate, try the binds, reload, and prove the new worker");
  command(Command::ProxyStatus, "status",
          "show workers, the last reload, and whether the files are what runs");
  command(Command::ProxyHistory, "history",
          "show the generations that are kept, and the last reloads");
  command(Command::ProxyRollback, "rollback", "put the files of a good generation back, and reload")
      .add_option("generation", asked.generation, "its number; default: the one before")
      ->type_name("N");
}

/// `haguard import`, which has nothing to do with a configuration that exists.
void add_import(CLI::App& app, Invocation& asked) {
  CLI::App& sub =
      add(app, asked, Command::Import, "import", "make a haguard.toml of a keepalived.conf");
  sub.add_option("file", asked.import.file, "keepalived.conf")->required()->type_name("FILE");
  sub.add_option("-o,--output", asked.import.output, "where to write it; default: standard output")
      ->type_name("OUT");
  sub.add_flag("--force", asked.import.force, "also when OUT exists");
}

void add_release(CLI::App& app, Invocation& asked) {
  add_with_config(app, asked, Command::Release, "release",
                  "remove the virtual addresses that a dead daemon left behind")
      .add_flag("--keep-leased", asked.release.keep_leased,
                "leave those whose lease runs: they go by themselves, and a daemon that is "
                "restarted adopts them");
}

void add_stay(CLI::App& app, Invocation& asked) {
  add_with_config(
      app, asked, Command::Stay, "stay",
      "for a restart: a stop in the next 10 s leaves the addresses to the daemon that is "
      "started next")
      .add_flag("--if-restarting", asked.stay.if_restarting,
                "only when systemd is about to restart the unit that this is called from");
}

}  // namespace

void add_commands(CLI::App& app, Invocation& asked) {
  app.name("haguard");
  app.description("haguard: VRRP, health checks and reloads for a pair of HAProxy machines");
  app.require_subcommand(1);
  add_config(app, asked);
  add_with_config(app, asked, Command::Run, "run", "the daemon, in the foreground");
  add_check(app, asked);
  add_status(app, asked);
  add_reload(app, asked);
  add_events(app, asked);
  add_drain(app, asked);
  add_proxy(app, asked);
  add_import(app, asked);
  add_release(app, asked);
  add_stay(app, asked);
  add_with_config(app, asked, Command::Version, "version", "version, commit, build, libraries");
}

}  // namespace haguard::supervisor
