// argv -> command. `run` builds the parts of the daemon in order and starts the loop.

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <iterator>
#include <optional>
#include <thread>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/algorithm/string/join.hpp>
#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include "conf/parse.h"
#include "supervisor/advice.h"
#include "supervisor/clock.h"
#include "supervisor/commands.h"
#include "supervisor/control.h"
#include "supervisor/ctl.h"
#include "supervisor/ctl_drain.h"
#include "supervisor/ctl_events.h"
#include "supervisor/ctl_import.h"
#include "supervisor/ctl_proxy.h"
#include "supervisor/hooks.h"
#include "supervisor/http_front.h"
#include "supervisor/journal.h"
#include "supervisor/log.h"
#include "supervisor/loop.h"
#include "supervisor/metrics.h"
#include "supervisor/mode_file.h"
#include "supervisor/node.h"
#include "supervisor/notify.h"
#include "supervisor/pages.h"
#include "supervisor/privileges.h"
#include "supervisor/process_usage.h"
#include "supervisor/publication.h"
#include "supervisor/record_file.h"
#include "supervisor/release.h"
#include "supervisor/setup.h"
#include "supervisor/version.h"

namespace haguard::supervisor {
namespace {

int run(const conf::Parsed& parsed, const conf::Problems& warnings) {
  const conf::Config& config = parsed.config;
  prepare_process(config.process);
  // Before there is any thread: each has capabilities of its own.
  auto refused = claim_resources(config.process);
  std::ranges::move(drop_privileges(config.haproxy), std::back_inserter(refused));
  Log log(config.log_level, log_style(config.log_format));

  ServiceManager service_manager(std::getenv("NOTIFY_SOCKET"), sd_watchdog_enabled(0, nullptr) > 0);
  boost::asio::io_context io(1);
  const Instant now = boot_now();
  const RecordFile record(config.process.runtime_dir);
  const ModeFile mode(config.process.state_dir);
  Node node(config, record.read(), now, mode.read());
  Publication publication(node.snapshot(now, wall_now()));
  Metrics metrics(*publication.latest());
  Commands commands;
  Journal journal(wall_now());
  const auto say = [&log, &journal](MessageId id, const std::string& text) {
    const Message message = line(id, text);
    log.write(message);
    journal.add(message, wall_now());
  };
  const Control control(io, config.control_socket, {publication, commands, journal}, say);

  const Pages pages(publication, journal, [&metrics, &log](const Status& status) {
    return metrics.render(status, log.counts(), process_usage());
  });
  HttpFront http([&pages](const Request& request) { return pages.get(request, boot_now()); },
                 [&log](const std::string& message) { log.write(MessageId::HttpFailed, message); });
  http.listen(config.metrics_listen);

  Hooks hooks(io, config, node, [&say, &metrics](MessageId id, const std::string& message) {
    metrics.hook_ended(id);
    say(id, message);
  });
  Loop loop(
      io, parsed, node,
      {log, journal, metrics, publication, service_manager, record, mode, hooks, commands, http});
  for (const std::string& text : refused) {
    say(MessageId::ResourceRefused, text);
  }
  say(MessageId::Started, fmt::format("haguard {} started on {}", kVersion, config.node_name));
  for (const conf::Problem& problem : warnings) {
    say(MessageId::ConfigurationWarning, problem.to_string());
  }
  loop.start();
  loop.run();
  log.write(MessageId::Stopped, "stopped");
  return kExitDone;
}

/// For what may be gone at the next attempt: another daemon, a port that is in use, a full disk. To
/// a service manager it is not a refusal, and the pause keeps its attempts from filling the
/// journal.
int failed_to_start(const std::exception& error) {
  std::cerr << "haguard: " << error.what() << std::endl;
  if (std::getenv("NOTIFY_SOCKET") == nullptr) {
    return kExitFailed;
  }
  std::this_thread::sleep_for(std::chrono::seconds(1));
  return kExitTryAgain;
}

/// Everything that can be found out before the daemon touches the world.
int run(const std::string& config_file) {
  const auto result = conf::load(config_file, host_name());
  const auto* parsed = std::get_if<conf::Parsed>(&result);
  const auto problems = parsed ? advice(*parsed) : std::get<conf::Problems>(result);
  if (has_errors(problems)) {
    for (const conf::Problem& problem : problems) {
      std::cerr << problem.to_string() << "\n";
    }
    return kExitFailed;
  }
  if (const auto missing = missing_capabilities(); !missing.empty()) {
    std::cerr << "haguard: not privileged: " << boost::join(missing, " and ")
              << " missing (run it as root, or by its systemd unit)\n";
    return kExitFailed;
  }
  try {
    return run(*parsed, problems);
  } catch (const std::exception& error) {
    return failed_to_start(error);
  }
}

struct ProxyOptions {
  bool json = false;
  std::optional<unsigned> generation;
};

/// `haguard proxy …`
void add_proxy_commands(CLI::App& app, std::string& config_file, ProxyOptions& options,
                        std::function<int()>& chosen) {
  CLI::App* proxy = app.add_subcommand("proxy", "HAProxy's reloads");
  proxy->require_subcommand(1);
  const auto command = [&](const std::string& name, const std::string& what, auto action) {
    CLI::App* sub = proxy->add_subcommand(name, what);
    sub->add_option("-c,--config", config_file, "configuration file")
        ->type_name("FILE")
        ->capture_default_str();
    sub->add_flag("--json", options.json, "print the daemon's answer as JSON");
    sub->callback([&chosen, action] { chosen = action; });
    return sub;
  };
  command("reload", "validate, try the binds, reload, and prove the new worker",
          [&] { return proxy_reload(config_file, options.json); });
  command("status", "show workers, the last reload, and whether the files are what runs",
          [&] { return proxy_status(config_file, options.json); });
  command("history", "show the generations that are kept, and the last reloads",
          [&] { return proxy_history(config_file, options.json); });
  command("rollback", "put the files of a good generation back, and reload",
          [&] { return proxy_rollback(config_file, options.generation, options.json); })
      ->add_option("generation", options.generation, "its number; default: the one before")
      ->type_name("N");
}

/// `haguard import`, which has nothing to do with a configuration that exists.
void add_import_command(CLI::App& app, ImportOptions& options, std::function<int()>& chosen) {
  CLI::App* sub = app.add_subcommand("import", "make a haguard.toml of a keepalived.conf");
  sub->add_option("file", options.file, "keepalived.conf")->required()->type_name("FILE");
  sub->add_option("-o,--output", options.output, "where to write it; default: standard output")
      ->type_name("OUT");
  sub->add_flag("--force", options.force, "also when OUT exists");
  sub->callback([&] { chosen = [&options] { return import_configuration(options); }; });
}

int dispatch(int argc, char** argv) {
  CLI::App app("haguard: VRRP, health checks and reloads for a pair of HAProxy machines",
               "haguard");
  app.require_subcommand(1);
  std::string config_file = kDefaultConfigFile;
  std::string peer_file;
  StatusOptions options;
  ReleaseOptions release_options;
  std::function<int()> chosen;
  const auto command = [&](const std::string& name, const std::string& what, auto action) {
    CLI::App* sub = app.add_subcommand(name, what);
    sub->add_option("-c,--config", config_file, "configuration file")
        ->type_name("FILE")
        ->capture_default_str();
    sub->callback([&chosen, action] { chosen = action; });
    return sub;
  };
  app.add_option("-c,--config", config_file, "configuration file")->type_name("FILE");
  command("run", "the daemon, in the foreground", [&] { return run(config_file); });
  auto* check_command = command("check", "print every error and warning of the configuration",
                                [&] { return check(config_file, peer_file); });
  check_command
      ->add_option("--peer-config", peer_file, "that of the other node: what only the pair shows")
      ->type_name("FILE");
  auto* status_command = command("status", "show instances, checks, HAProxy and peers",
                                 [&] { return status(config_file, options); });
  status_command->add_flag("--json", options.json, "as JSON");
  status_command->add_flag("--watch", options.watch, "again every second, until interrupted");
  bool reload_json = false;
  command("reload", "read the configuration again: taken as a whole, or refused", [&] {
    return reload(config_file, reload_json);
  })->add_flag("--json", reload_json, "print the daemon's answer as JSON");
  EventsOptions events_options;
  auto* events_command = command("events", "show what happened last",
                                 [&] { return events(config_file, events_options); });
  events_command->add_flag("--follow", events_options.follow,
                           "and what happens from now on, until interrupted");
  events_command->add_flag("--json", events_options.json, "one JSON object per line");
  events_command->add_option("-n", events_options.last, "how many of the last ones")
      ->type_name("N")
      ->check(CLI::Range(0, static_cast<int>(Journal::kCapacity)))
      ->capture_default_str();
  DrainOptions drain_options;
  ProxyOptions proxy_options;
  const auto add_json = [&](CLI::App* sub) {
    sub->add_flag("--json", drain_options.json, "print the daemon's answer as JSON");
  };
  auto* drain_command =
      command("drain", "let HAProxy's clients leave, hand the addresses over and stay out",
              [&] { return drain(config_file, drain_options); });
  drain_command
      ->add_option("--timeout", drain_options.timeout,
                   "wait so long for connections to end, such as 30s; default: "
                   "haproxy.drain.timeout")
      ->type_name("DURATION");
  drain_command->add_flag("--force", drain_options.force,
                          "also when nobody is there to take over: then the addresses are gone");
  auto* undrain_command = command("undrain", "take part in elections again",
                                  [&] { return undrain(config_file, drain_options.json); });
  add_json(drain_command);
  add_json(undrain_command);
  add_proxy_commands(app, config_file, proxy_options, chosen);
  ImportOptions import_options;
  add_import_command(app, import_options, chosen);
  auto* release_command =
      command("release", "remove the virtual addresses that a dead daemon left behind",
              [&] { return release(config_file, release_options); });
  release_command->add_flag("--keep-leased", release_options.keep_leased,
                            "leave those whose lease runs: they go by themselves, and a daemon "
                            "that is restarted adopts them");
  command("version", "version, build, libraries", [] { return version(); });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitDone : kExitUsage;
  }
  return chosen();
}

}  // namespace
}  // namespace haguard::supervisor

int main(int argc, char** argv) {
  try {
    return haguard::supervisor::dispatch(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "haguard: " << error.what() << "\n";
    return haguard::supervisor::kExitFailed;
  }
}
