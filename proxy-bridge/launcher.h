#pragma once
// Port: runs HAProxy's master, which outlives the daemon. It has a session of its own, the default
// signals, normal scheduling, "/" as its directory, umask 022, nothing open but /dev/null and the
// pipe that it prints into, and the daemon's environment without what systemd says to the daemon
// alone.

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "conf/config.h"
#include "proxy-bridge/run_event.h"

namespace haguard::proxy {

class Launcher {
 public:
  using OnEvent = std::function<void(const RunEvent&)>;
  using OnWarning = std::function<void(const std::string&)>;

  /// `runtime_dir` is there. `on_event`: from handlers of the io_context.
  Launcher(boost::asio::io_context& io, const conf::Haproxy& settings,
           const std::string& runtime_dir, OnEvent on_event, const OnWarning& on_warning);
  ~Launcher();
  Launcher(const Launcher&) = delete;
  Launcher& operator=(const Launcher&) = delete;

  void perform(const RunAction& action);

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace haguard::proxy
