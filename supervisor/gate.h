#pragma once
// The gate: `server gate` of `backend haguard_gate` in HAProxy's configuration, a switch that its
// rules can read (conf/examples/haproxy-gate.cfg). Closed, HAProxy asks its clients to leave. A
// new worker has it open whatever the last one had, so it is told again. Pure: questions go out as
// actions, the answers come back.

#include <cstdint>
#include <optional>
#include <string>

#include "conf/units.h"
#include "supervisor/event.h"

namespace haguard::supervisor {

class Gate {
 public:
  /// From now on; asked with the next tend().
  void want(bool closed);
  /// Asks what is to be asked. `haproxy`: none when it is not watched.
  void tend(const proxy::Condition* haproxy, Instant now, Output& out);
  /// Only of Line::Gate; others are ignored.
  void handle(const proxy::Event& event, Instant now);
  [[nodiscard]] Instant next_deadline() const;

  /// An answer is outstanding.
  [[nodiscard]] bool asking() const { return deadline_ != kNever; }
  /// Nothing is to be done until the next want().
  [[nodiscard]] bool idle() const { return !closed_ && !due_ && !asking(); }
  /// Why the last question changed nothing: "No such server.", "no answer within 2 s". Empty: the
  /// gate is as wanted.
  [[nodiscard]] const std::string& flaw() const { return flaw_; }
  /// HAProxy has said that it is as wanted, and nothing has changed since.
  [[nodiscard]] bool as_wanted() const { return !due_ && !asking() && flaw_.empty(); }
  /// HAProxy's configuration has no gate.
  [[nodiscard]] bool absent() const;

 private:
  void failed(std::string flaw, Instant now);

  bool closed_ = false;
  bool due_ = false;  ///< to be asked for, or for again
  std::uint64_t question_ = 0;
  int worker_ = 0;             ///< that was asked last
  bool running_ = false;       ///< HAProxy, so that there is somebody to ask
  Instant deadline_ = kNever;  ///< for the answer; kNever: none is outstanding
  Instant retry_at_{};
  std::string flaw_;
};

}  // namespace haguard::supervisor
