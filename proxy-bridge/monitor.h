#pragma once
// Is the local HAProxy serving? The decision core of the attached mode: facts of the ports come in,
// questions to the ports go out, the condition is what the health checks read. Deaths are told by
// pidfds, everything else by asking `show info` and `show stat` on one held stats connection.
//
// A worker that ends is not a death when another one answers (a reload). A hang needs two
// witnesses: the held connection and a fresh one, both silent for `hang_timeout`.

#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "conf/config.h"
#include "conf/units.h"
#include "proxy-bridge/show.h"

namespace haguard::proxy {

/// The connections the monitor may ask on.
enum class Line : std::uint8_t {
  Held,     ///< admin socket, kept open in interactive mode
  Witness,  ///< admin socket, a connection for one question
  Master,   ///< master socket, a connection for one question
};

enum class Failure : std::uint8_t { Missing, Refused, Denied, Closed };

/// The whole reply to the question asked on that line.
struct Answered {
  Line line;
  std::string text;
};
/// No reply will come: not connected, or the connection has ended. The line is closed.
struct Failed {
  Line line;
  Failure failure;
};
struct PidFileRead {
  std::optional<int> pid;  ///< of a running process called haproxy
};
struct ProcessGone {
  int pid;
  std::string how;  ///< "exited with code 0", "signal 9", or empty when the kernel does not tell
};
using Event = std::variant<Answered, Failed, PidFileRead, ProcessGone>;

/// Ask on a line; it is connected first when it is not.
struct Ask {
  Line line;
  std::string command;
};
struct HangUp {
  Line line;
};
struct ReadPidFile {};
/// Answered by ProcessGone when it ends, at once when there is no such process.
struct WatchProcess {
  int pid;
};
struct ForgetProcess {
  int pid;
};
using Action = std::variant<Ask, HangUp, ReadPidFile, WatchProcess, ForgetProcess>;

enum class Status : std::uint8_t { Unknown, Running, Stopping, Hung, Dead };

/// "unknown", "running", "stopping", "hung", "dead".
[[nodiscard]] std::string_view to_string(Status status);

/// What is known now. `rounds` grows by one with each complete answer of a running HAProxy, and
/// `proxies` is from the last of them.
struct Condition {
  Status status = Status::Unknown;
  std::string detail;  ///< why, when it is not running: "worker 11 died (signal 9)"
  std::string version;
  int master_pid = 0;
  int worker_pid = 0;
  unsigned old_workers = 0;
  std::vector<ProxyRow> proxies;
  std::uint64_t rounds = 0;
};

class Monitor {
 public:
  /// `backends`: asked for beside all frontends.
  Monitor(conf::Haproxy settings, std::set<std::string> backends);

  void start(Instant now, std::vector<Action>& out);
  void handle(const Event& event, Instant now, std::vector<Action>& out);
  void advance(Instant now, std::vector<Action>& out);
  [[nodiscard]] Instant next_deadline() const;
  [[nodiscard]] const Condition& condition() const { return condition_; }

 private:
  conf::Haproxy settings_;
  std::set<std::string> backends_;
  Condition condition_;
};

}  // namespace haguard::proxy
