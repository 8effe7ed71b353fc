#pragma once
// The vocabulary between the watching core and HAProxy's sockets and processes: facts come in as
// events, questions go out as actions.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "conf/config.h"
#include "conf/units.h"

namespace haguard::proxy {

/// The connections the monitor may ask on.
enum class Line : std::uint8_t {
  Held,      ///< admin socket, kept open in interactive mode
  Witness,   ///< admin socket, a connection for one question
  Master,    ///< master socket, a connection for one question
  Presence,  ///< master socket, a connection that only ends when the master reloads or dies
  Reload,    ///< master socket, a connection for one order
  Gate,      ///< admin socket, a connection for one order to the gate; not the monitor's
  Listener,  ///< a port that HAProxy serves, a connection for one sign of life
  Door,      ///< admin socket, looked at without a connection: only that nobody listens is told
};

inline constexpr std::size_t kLines = 8;

enum class Failure : std::uint8_t { Missing, Refused, Denied, Closed };

/// "no such file", "connection refused", "permission denied", "connection closed".
[[nodiscard]] std::string_view to_string(Failure failure);

/// The whole reply to the question asked on that line.
struct Answered {
  Line line;
  std::string text;
  std::uint64_t question = 0;  ///< Ask::question
};
/// No reply will come: not connected, or the connection has ended. The line is closed.
struct Failed {
  Line line;
  Failure failure;
  std::uint64_t question = 0;  ///< Ask::question, the last one on this connection
};
struct PidFileRead {
  std::optional<int> pid;  ///< of a running process called haproxy
};
struct ProcessGone {
  int pid;
  std::string how;  ///< "exited with code 0", "signal 9", or empty when the kernel does not tell
};
/// Where HAProxy listens on this machine, the best to knock at first.
struct ListenersFound {
  std::vector<conf::Endpoint> listeners;
  std::optional<Duration> hard_stop_after{};  ///< how long HAProxy lets old workers live
};
using Event = std::variant<Answered, Failed, PidFileRead, ProcessGone, ListenersFound>;

/// Ask on a line; it is connected first when it is not. An empty command is not sent: the
/// connection is merely held.
struct Ask {
  Line line;
  std::string command;
  std::uint64_t question = 0;  ///< its number: an event that was under way when the next one was
                               ///< asked is told by it; 0 = whichever is outstanding
};
struct HangUp {
  Line line;
};
/// Sends something that HAProxy refuses by itself, and so shows that it lives. Answered with an
/// empty text by whatever comes, also by the end of the connection.
struct Knock {
  conf::Endpoint listener;
  std::uint64_t question = 0;
};
/// Answered by ListenersFound when its configuration can be read.
struct FindListeners {
  int master_pid = 0;  ///< 0 = not known
};
struct ReadPidFile {};
/// Answered by ProcessGone when it ends, at once when there is no such process.
struct WatchProcess {
  int pid;
};
struct ForgetProcess {
  int pid;
};
using Action =
    std::variant<Ask, HangUp, Knock, FindListeners, ReadPidFile, WatchProcess, ForgetProcess>;

}  // namespace haguard::proxy
