#pragma once
// What the monitor knows of HAProxy: the health checks, the status and the metrics read it.

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "proxy-bridge/show.h"

namespace haguard::proxy {

enum class Status : std::uint8_t { Unknown, Running, Stopping, Hung, Dead };

/// "unknown", "running", "stopping", "hung", "dead".
[[nodiscard]] std::string_view to_string(Status status);

/// What does not keep HAProxy from serving, and still wants an engineer.
enum class Warning : std::uint8_t {
  Saturated,     ///< as many connections as it takes: newcomers wait
  ReloadFailed,  ///< the worker goes on with the configuration before it
  StatsSilent,   ///< a listener answers, the stats socket does not: are all its slots taken?
  MasterSilent,  ///< its socket does not answer: no reload is possible
  OldWorkers,    ///< of before reloads, too many or too old: they hold memory and connections
};

inline constexpr std::array kWarnings{Warning::Saturated, Warning::ReloadFailed,
                                      Warning::StatsSilent, Warning::MasterSilent,
                                      Warning::OldWorkers};

/// "saturated", "reload failed", "stats socket silent", "master silent", "old workers".
[[nodiscard]] std::string_view to_string(Warning warning);

/// What is known now. `rounds` grows by one with each complete answer of a running HAProxy, and
/// `proxies` is from the last of them.
struct Condition {
  Status status = Status::Unknown;
  std::string detail;        ///< why, when it is not running: "worker 11 died (signal 9)"
  bool orderly_end = false;  ///< Dead: by a stop, not by a crash, as far as the kernel tells
  std::string version;
  int master_pid = 0;
  int worker_pid = 0;
  unsigned old_workers = 0;
  std::vector<ProxyRow> proxies;
  std::uint64_t rounds = 0;
  bool blind = false;  ///< the last round was but a sign of life of a listener: no proxies
  std::map<Warning, std::string> warnings;  ///< with the detail
  /// A worker that hung when another one followed it, and has not ended: it keeps its listeners,
  /// and the kernel gives it a share of the connections. 0: none.
  int hung_former = 0;
  /// Workers of before a reload that have ended, and the last of them: "former worker 11 exited
  /// with code 0".
  std::uint64_t former_gone = 0;
  std::string former_obituary;

  // For those who reload.
  std::int64_t worker_started = 0;       ///< in seconds since 1970; 0: not known
  std::optional<ProcessList> processes;  ///< as the master told last; none: it never did
  std::uint64_t lists = 0;               ///< how often it told
  std::uint64_t disturbances = 0;        ///< how often the connection to the master has ended
  std::optional<bool> knock_answered;    ///< what came of Monitor::knock_once; none: not yet
};

}  // namespace haguard::proxy
