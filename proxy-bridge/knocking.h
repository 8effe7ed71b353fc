#pragma once
// The witness at the front door: when the stats socket is silent, does a listener of HAProxy show a
// sign of life? Ten forgotten clients make the stats socket look like a hang; a listener that is
// served tells the two apart.

#include <optional>
#include <vector>

#include "conf/config.h"
#include "conf/units.h"

namespace haguard::proxy {

class Knocking {
 public:
  explicit Knocking(Duration hang_timeout) : hang_timeout_(hang_timeout) {}

  void found(std::vector<conf::Endpoint> listeners) { listeners_ = std::move(listeners); }
  /// Where to knock now; nothing when no listener is known or one is asked already.
  [[nodiscard]] std::optional<conf::Endpoint> begin(Instant now);
  void answered(Instant now);
  /// It refuses: the next one is tried at the next knock.
  void failed(Instant now);
  /// The knock under way is not waited for any more: it may have reached a former worker.
  void give_up() {
    asked_.reset();
    spoke_ = false;
  }
  /// What was said until now is about the past.
  void forget() { spoke_ = false; }

  /// Answered since then.
  [[nodiscard]] bool spoke() const { return spoke_; }
  /// Knocked in vain for the hang timeout, or refused.
  [[nodiscard]] bool silent(Instant now) const;
  /// The next knock, or the end of the patience with this one.
  [[nodiscard]] Instant next_deadline() const;
  [[nodiscard]] bool due(Instant now) const { return now >= next_knock(); }
  [[nodiscard]] Instant next_knock() const { return asked_ || listeners_.empty() ? kNever : next_; }
  [[nodiscard]] const conf::Endpoint& listener() const { return listeners_.at(at_); }

 private:
  Duration hang_timeout_;
  std::vector<conf::Endpoint> listeners_;
  std::size_t at_ = 0;
  std::optional<Instant> asked_;
  bool spoke_ = false;
  bool refused_ = false;
  Instant next_{};
};

}  // namespace haguard::proxy
