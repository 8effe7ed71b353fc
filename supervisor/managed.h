#pragma once
// Between the node and the runner of HAProxy, in the managed mode: carries what it wants done to
// the port, its news to the notices, and asks for the last good files when a start was refused.

#include <string>

#include "conf/config.h"
#include "proxy-bridge/runner.h"
#include "supervisor/checks.h"
#include "supervisor/event.h"
#include "supervisor/reloads.h"

namespace haguard::supervisor {

class Managed {
 public:
  explicit Managed(const conf::Haproxy& settings) : runner_(settings.drain_timeout) {}

  void change(const conf::Haproxy& settings) { runner_.change(settings.drain_timeout); }

  void start(Output& out);
  void handle(const proxy::RunEvent& event, Reloads& reloads, Checks& checks, Instant now,
              Output& out);
  /// After the reloader has heard it.
  void handle(const proxy::ReloadEvent& event, Instant now);
  void observe(const proxy::Condition& condition) { runner_.observe(condition); }
  void advance(Instant now, Output& out);
  [[nodiscard]] Instant next_deadline() const { return runner_.next_deadline(); }

  /// May be called again; true once nothing runs any more.
  [[nodiscard]] bool stop(Instant now, Output& out);
  /// Somebody asked for a second time.
  void hurry(Instant now, Output& out);
  [[nodiscard]] std::string detail(Instant now) const { return runner_.detail(now); }

 private:
  static void tell(proxy::RunOutput& wanted, Output& out);

  proxy::Runner runner_;
};

}  // namespace haguard::supervisor
