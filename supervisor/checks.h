#pragma once
// The checks of this node: schedules probes, turns results into verdicts, reads HAProxy's
// condition and the state of links. A link that goes is a fact and fails its check at once; one
// that comes is looked at as often as a probe would, so that it must hold for `rise` looks. Health
// fails closed: a check without a verdict is pending, and pending means no election.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "conf/config.h"
#include "conf/units.h"
#include "health/flapping.h"
#include "health/priority.h"
#include "health/schedule.h"
#include "health/verdict.h"
#include "proxy-bridge/monitor.h"
#include "supervisor/check_history.h"
#include "supervisor/event.h"

namespace haguard::supervisor {

class Checks {
 public:
  /// `config` must outlive it, or be replaced.
  Checks(const conf::Config& config, Instant now);

  /// Goes on with the checks of `config`. One that is as it was keeps everything; one that has
  /// changed keeps its verdict until the new definition shows otherwise; one that is new counts
  /// from its first verdict on. HAProxy is watched as it was, or was not.
  void reconfigure(const conf::Config& config, Instant now, Output& out);

  void start(Instant now, Output& out);
  void finished(const ProbeFinished& result, Instant now, Output& out);
  void haproxy(const proxy::Event& event, Instant now, Output& out);
  void link(const LinkChanged& link, Instant now, Output& out);
  void advance(Instant now, Output& out);
  /// A verdict, or why it is what it is, has changed since the last call.
  [[nodiscard]] bool take_change() { return std::exchange(changed_, false); }
  [[nodiscard]] Instant next_deadline() const;

  // Around a reload of HAProxy; all three need a monitor.
  /// What asks HAProxy does not fail before, unless its worker dies.
  void be_patient(Instant until);
  void look_again(Instant now, Output& out);
  [[nodiscard]] bool knock_once(Instant now, Output& out);

  /// The standings of the checks that count for an instance, in the order of the file.
  [[nodiscard]] std::vector<health::Standing> standings(const conf::Instance& instance) const;

  /// The longest of those of the checks that count for an instance.
  [[nodiscard]] health::HoldDown hold_down(const conf::Instance& instance) const;

  struct Entry {
    CheckId id = 0;
    health::Verdict verdict;
    std::string detail;  ///< of the last failure, empty while passing
    Instant since;
    Instant probe_started{};
    Instant next_round{};  ///< type haproxy: answers before it do not count
    health::Flapping flapping{};
    std::optional<std::string>
        link_flaw{};       ///< type interface; empty: it runs; none: not known yet
    bool excused = false;  ///< it came while we ran: nobody waits for its first verdict
    CheckHistory history{};
  };
  /// In the order of the file.
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  /// Null when there is none any more.
  [[nodiscard]] const conf::Check* settings(CheckId id) const;
  /// None when HAProxy is not watched.
  [[nodiscard]] const std::optional<proxy::Monitor>& monitor() const { return monitor_; }

 private:
  /// Index of a check in the file and in `entries_`.
  using Place = std::size_t;

  void carry_on(Place place, const Checks& former, Instant now);
  void keep_timers(const Checks& former);
  health::Change record(Place check, bool passed, const std::string& detail, Instant now,
                        Output& out);
  void explain(Entry& entry, const std::string& detail);
  void told(Place check, health::Status from, unsigned run, Instant now, Output& out);
  void fail_at_once(Place check, const std::string& detail, Instant now, Output& out);
  void look_at_link(std::size_t index, Instant now, Output& out);
  void condition_failed(const proxy::Condition& condition, const std::string& why, Instant now,
                        Output& out);
  void round_completed(const proxy::Condition& condition, Instant now, Output& out);
  template <typename Call>
  void with_monitor(Call&& call, Instant now, Output& out);

  [[nodiscard]] bool is_forgiven(Place check, bool passed, Instant now) const;

  const conf::Config* config_;
  CheckId next_id_ = 0;
  std::vector<Entry> entries_;
  Instant patient_until_{};
  bool changed_ = false;
  std::vector<Place> probed_;  ///< by number in the schedule; with those of interfaces
  health::Schedule schedule_;
  std::optional<proxy::Monitor> monitor_;
};

/// Those that checks of type haproxy expect servers of.
[[nodiscard]] std::set<std::string> backends_asked_for(const conf::Config& config);

/// Does this answer satisfy the expectation? Empty when it does, else what is missing:
/// "frontend fe is STOP", "backend be has 0 of 1 servers".
[[nodiscard]] std::string missing(const conf::HaproxyExpectation& expectation,
                                  const std::vector<proxy::ProxyRow>& proxies);

}  // namespace haguard::supervisor
