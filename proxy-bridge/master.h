#pragma once
// When to ask the master for its list of processes. It is for show and for finding the pid to
// watch: the master's silence is no outage, and during a reload its socket refuses or closes
// without a word, which means "ask again" and never "no workers".

#include <chrono>
#include <optional>
#include <string_view>

#include "conf/units.h"
#include "proxy-bridge/event.h"
#include "proxy-bridge/show.h"

namespace haguard::proxy {

class MasterList {
 public:
  /// A reload keeps its socket silent for less.
  static constexpr Duration kPatience = std::chrono::seconds(5);

  /// A question is due now, also when one is outstanding: its answer may describe the past.
  void refresh(Instant now);
  /// Nothing when the answer was not asked for, or is no list; then it is asked for again.
  [[nodiscard]] std::optional<ProcessList> answered(std::string_view text, Instant now);
  void failed(Failure failure, Instant now);
  /// The next question leaves at `at`, unless it was due before.
  void hurry(Instant at);

  /// Whether to ask now; it counts as asked then.
  [[nodiscard]] bool take_due(Instant now);
  [[nodiscard]] Instant next_deadline() const { return asked_ ? silence_deadline() : next_; }
  /// When the outstanding question has waited for too long; kNever once that was told.
  [[nodiscard]] Instant silence_deadline() const { return asked_ ? patient_until_ : kNever; }
  void told() { patient_until_ = kNever; }

 private:
  void try_again(Instant now);

  bool asked_ = false;
  unsigned tries_ = 0;  ///< without a list, in a row
  Instant next_ = kNever;
  Instant patient_until_ = kNever;
};

}  // namespace haguard::proxy
