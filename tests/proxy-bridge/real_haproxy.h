#pragma once
// A real HAProxy in a directory of its own, and a monitor that watches it through the real ports.

#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <sys/types.h>

#include "conf/config.h"
#include "conf/units.h"
#include "proxy-bridge/cli.h"
#include "proxy-bridge/monitor.h"
#include "proxy-bridge/process.h"

namespace haguard::proxy {

[[nodiscard]] Instant boot_time();

/// Its master is our child; whatever ends is reaped by the kernel at once, as systemd would do.
class RealHaproxy {
 public:
  /// `global`: further lines of the section `global`.
  explicit RealHaproxy(const std::string& global = "");
  RealHaproxy(const RealHaproxy&) = delete;
  RealHaproxy& operator=(const RealHaproxy&) = delete;
  ~RealHaproxy();

  void start();
  /// SIGTERM, and waits for the end.
  void stop();
  void break_configuration() const;
  /// `reload` on the master's socket, as haguard will do it; reads to the end.
  void reload() const;
  /// Sends `command` on the admin socket and leaves the connection open.
  [[nodiscard]] int connect(const std::string& command = "") const;

  [[nodiscard]] pid_t master() const { return master_; }
  [[nodiscard]] const conf::Haproxy& settings() const { return settings_; }
  [[nodiscard]] const std::string& directory() const { return directory_; }

 private:
  [[nodiscard]] std::string path(const char* name) const { return directory_ + "/" + name; }

  std::string directory_;
  conf::Haproxy settings_;
  pid_t master_ = 0;
};

[[nodiscard]] bool exists(pid_t pid);

class RealMonitor {
 public:
  explicit RealMonitor(const conf::Haproxy& settings);

  /// Turns the loop until `done` or the time is over.
  template <typename Done>
  bool run_until(Done done, Duration limit) {
    const Instant end = boot_time() + limit;
    while (!done() && boot_time() < end) {
      turn(end);
    }
    return done();
  }
  void run(Duration span) {
    run_until([] { return false; }, span);
  }
  bool run_until(Status status, Duration limit) {
    return run_until([&] { return condition().status == status; }, limit);
  }

  [[nodiscard]] const Condition& condition() const { return monitor_.condition(); }
  /// All statuses since the last call, the one at that time first.
  [[nodiscard]] std::vector<Status> take_history();

 private:
  void turn(Instant end);
  void tell(const Event& event);
  void perform(const std::vector<Action>& actions);

  boost::asio::io_context io_;
  Monitor monitor_;
  Cli cli_;
  Processes processes_;
  std::vector<Status> history_{Status::Unknown};
};

}  // namespace haguard::proxy
