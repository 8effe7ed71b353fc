#pragma once
// Between the node and the reloader of HAProxy: carries what it wants done to the monitor and the
// ports, its news to the notices, and answers to those who asked.

#include <cstdint>
#include <map>

#include "conf/config.h"
#include "proxy-bridge/reloader.h"
#include "supervisor/checks.h"
#include "supervisor/event.h"
#include "supervisor/reload_status.h"

namespace haguard::supervisor {

class Reloads {
 public:
  explicit Reloads(const conf::Haproxy& settings) : reloader_(settings) {}

  void change(const conf::Reload& settings) { reloader_.change(settings); }

  // `checks` has a monitor, in all of them.
  void start(Checks& checks, Instant now, Output& out);
  bool request(const ReloadRequested& request, Checks& checks, Instant now, Output& out);
  bool request(const RollbackRequested& request, Checks& checks, Instant now, Output& out);
  void handle(const proxy::ReloadEvent& event, Checks& checks, Instant now, Output& out);
  /// HAProxy did not start with the files on disk.
  void start_refused(Checks& checks, Instant now, Output& out);
  /// After the monitor has heard it.
  void haproxy(const proxy::Event& event, Checks& checks, Instant now, Output& out);
  void advance(Checks& checks, Instant now, Output& out);
  [[nodiscard]] Instant next_deadline() const { return reloader_.next_deadline(); }
  [[nodiscard]] ReloadStatus status() const;

 private:
  template <typename Call>
  void with_reloader(Call&& call, Checks& checks, Instant now, Output& out);
  void carry_out(proxy::ReloadOutput& wanted, Checks& checks, Instant now, Output& out);
  void tell_news(Output& out);
  void answer(const proxy::Reloader::Over& over, Output& out);
  template <typename Call>
  bool ask(RequestId request, Call&& call, Checks& checks, Instant now, Output& out);

  proxy::Reloader reloader_;
  std::multimap<std::uint64_t, RequestId> waiting_;  ///< for a reload of that number or higher
};

}  // namespace haguard::supervisor
