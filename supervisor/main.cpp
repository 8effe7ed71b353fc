// argv -> command. `run` builds the parts of the daemon in order and starts the loop.

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <thread>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/algorithm/string/join.hpp>
#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include "conf/parse.h"
#include "supervisor/clock.h"
#include "supervisor/command_line.h"
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

/// Listens as soon as that is possible: a daemon that was killed just when it started a program has
/// left a copy of itself, with all its sockets, until that copy gets the processor.
template <typename Attempt>
auto listen_soon(const Attempt& attempt) {
  using std::chrono::steady_clock;
  for (const auto end = steady_clock::now() + std::chrono::seconds(1);;) {
    try {
      return attempt();
    } catch (const std::runtime_error&) {
      if (steady_clock::now() >= end) {
        throw;
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

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
  const Control control = listen_soon([&] {
    return Control(io, config.control_socket, {publication, commands, journal}, say);
  });

  const Pages pages(publication, journal, [&metrics, &log](const Status& status) {
    return metrics.render(status, log.counts(), process_usage());
  });
  HttpFront http([&pages](const Request& request) { return pages.get(request, boot_now()); },
                 [&log](const std::string& message) { log.write(MessageId::HttpFailed, message); });
  listen_soon([&] { http.listen(config.metrics_listen); });

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
  conf::Problems problems;
  const auto parsed = load_to_start(config_file, problems);
  if (!parsed) {
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

int obey(const Invocation& asked) {
  const std::string& file = asked.config_file;
  switch (asked.command) {
    case Command::Run:
      return run(file);
    case Command::Check:
      return check(file, asked.peer_file);
    case Command::Status:
      return status(file, asked.status);
    case Command::Reload:
      return reload(file, asked.reload_json);
    case Command::Events:
      return events(file, asked.events);
    case Command::Drain:
      return drain(file, asked.drain);
    case Command::Undrain:
      return undrain(file, asked.drain.json);
    case Command::ProxyReload:
      return proxy_reload(file, asked.proxy_json);
    case Command::ProxyStatus:
      return proxy_status(file, asked.proxy_json);
    case Command::ProxyHistory:
      return proxy_history(file, asked.proxy_json);
    case Command::ProxyRollback:
      return proxy_rollback(file, asked.generation, asked.proxy_json);
    case Command::Import:
      return import_configuration(asked.import);
    case Command::Release:
      return release(file, asked.release);
    case Command::Stay:
      return stay(file, asked.stay);
    case Command::Version:
      return version();
  }
  return kExitUsage;
}

int dispatch(int argc, char** argv) {
  CLI::App app;
  Invocation asked;
  add_commands(app, asked);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitDone : kExitUsage;
  }
  return obey(asked);
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
