// The settings of the daemon as a whole: all tables that are neither checks nor instances.

#include <fmt/format.h>

#include "conf/addresses.h"
#include "conf/kinds.h"
#include "conf/sections.h"

namespace haguard::conf {
namespace {

using namespace std::chrono_literals;

/// Values of -f, of which each may be a directory.
constexpr std::size_t kMostFiles = 64;

std::optional<HaproxyMode> haproxy_mode(const Value& value) {
  return one_of<HaproxyMode>({{"attached", HaproxyMode::Attached},
                              {"managed", HaproxyMode::Managed},
                              {"none", HaproxyMode::None}})(value);
}

void read_reload(Table& reload, Reload& settings) {
  reload.read("watch", settings.watch, boolean);
  reload.read("debounce", settings.debounce, duration_between(0s, 10min));
  reload.read("min_interval", settings.min_interval, duration_between(0s, 1h));
  reload.read("probation", settings.probation, duration_between(0s, 1h));
  reload.read("on_failure", settings.on_failure,
              one_of<OnFailure>({{"keep", OnFailure::Keep}, {"restore", OnFailure::Restore}}));
  reload.read("generations", settings.generations, integer_between(1U, 1000U));
}

void read_haproxy(Table& haproxy, Haproxy& settings) {
  haproxy.read("mode", settings.mode, haproxy_mode);
  haproxy.read("admin_socket", settings.admin_socket, socket_path);
  haproxy.read("master_socket", settings.master_socket, socket_path);
  haproxy.read("pid_file", settings.pid_file, absolute_path);
  haproxy.read("hang_timeout", settings.hang_timeout, duration_between(50ms, 60s));
  haproxy.read("binary", settings.binary, absolute_path);
  haproxy.read("config", settings.config, list_of(absolute_path, 1, kMostFiles));
  haproxy.section("reload", [&](Table& reload) { read_reload(reload, settings.reload); });
  haproxy.section("drain", [&](Table& drain) {
    drain.read("timeout", settings.drain_timeout, duration_between(0s, 24h));
  });
}

/// An inner nothing is "off".
std::optional<std::optional<Endpoint>> listener(const Value& value) {
  if (value.is_text("")) {
    return std::optional<Endpoint>();
  }
  const auto result = endpoint(value);
  return result ? std::optional(std::optional(*result)) : std::nullopt;
}

void read_log(Table& log, Config& config) {
  log.read("level", config.log_level,
           one_of<LogLevel>({{"debug", LogLevel::Debug},
                             {"info", LogLevel::Info},
                             {"warning", LogLevel::Warning},
                             {"error", LogLevel::Error}}));
  log.read("format", config.log_format,
           one_of<LogFormat>({{"text", LogFormat::Text}, {"json", LogFormat::Json}}));
}

void read_process(Table& process, Process& settings) {
  process.read("state_dir", settings.state_dir, absolute_path);
  process.read("runtime_dir", settings.runtime_dir, absolute_path);
  process.read("realtime_priority", settings.realtime_priority, integer_between(0, 99));
  process.read("lock_memory", settings.lock_memory, boolean);
}

}  // namespace

void read_settings(Table& file, Config& config) {
  config.metrics_listen = Endpoint{vrrp::IpAddress::v4(127, 0, 0, 1), 9650};
  file.ignore("include");  // conf/include.h
  file.section("node", [&](Table& node) { node.read("name", config.node_name, name); });
  file.section("haproxy", [&](Table& haproxy) { read_haproxy(haproxy, config.haproxy); });
  file.section("hooks", [&](Table& hooks) { read_hooks(hooks, config.hooks); });
  file.section("metrics",
               [&](Table& metrics) { metrics.read("listen", config.metrics_listen, listener); });
  file.section("control",
               [&](Table& control) { control.read("socket", config.control_socket, socket_path); });
  file.section("log", [&](Table& log) { read_log(log, config); });
  file.section("process", [&](Table& process) { read_process(process, config.process); });
}

}  // namespace haguard::conf
