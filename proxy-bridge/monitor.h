#pragma once
// Is the local HAProxy serving? The decision core of the attached mode: facts of the ports come in,
// questions to the ports go out, the condition is what the health checks read. Deaths are told by
// pidfds, everything else by asking `show info` and `show stat` on one held stats connection.
//
// Between two questions the kernel is asked whether the stats socket is open: a worker that is told
// to stop closes it at once, and says nothing. Then it is asked itself.
//
// A worker that ends is not a death when another one answers (a reload). A hang needs two
// witnesses: the held connection and a fresh one, both silent for `hang_timeout`. And when a
// listener shows a sign of life, it is no hang: then the stats socket is what is broken.

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "conf/config.h"
#include "conf/units.h"
#include "proxy-bridge/condition.h"
#include "proxy-bridge/event.h"
#include "proxy-bridge/knocking.h"
#include "proxy-bridge/lines.h"
#include "proxy-bridge/master.h"
#include "proxy-bridge/round.h"
#include "proxy-bridge/show.h"
#include "proxy-bridge/silence.h"
#include "proxy-bridge/watchlist.h"

namespace haguard::proxy {

class Monitor {
 public:
  /// `backends`: asked for beside all frontends.
  Monitor(conf::Haproxy settings, const std::set<std::string>& backends);

  void start(Instant now, std::vector<Action>& out);
  void handle(const Event& event, Instant now, std::vector<Action>& out);
  void advance(Instant now, std::vector<Action>& out);
  [[nodiscard]] Instant next_deadline() const;
  [[nodiscard]] const Condition& condition() const { return condition_; }

  // Around a reload.
  /// Silence and refusals are no verdict before; a death always is.
  void be_patient(Instant until) { patient_until_ = until; }
  /// From the next question on, beside all frontends.
  void ask_for(const std::set<std::string>& backends) { next_question_.emplace(backends); }
  /// Asks the master and the worker before it is their turn.
  void look_again(Instant now, std::vector<Action>& out);
  /// condition().knock_answered will tell. False when no listener is known, or when there is a
  /// doubt already, and knocking with it.
  [[nodiscard]] bool knock_once(Instant now, std::vector<Action>& out);

 private:
  [[nodiscard]] bool is_patient(Instant now) const { return now < patient_until_; }
  void presence_ended(Failure failure, Instant now);
  void hold_presence(std::vector<Action>& out);
  void judge_knock(Instant now);
  [[nodiscard]] bool nobody_follows() const;
  void judge_old_workers(const ProcessList& list);

  void held_answered(const std::string& text, Instant now, std::vector<Action>& out);
  void held_failed(Failure failure, Instant now, std::vector<Action>& out);
  void witness_answered(const std::string& text, Instant now, std::vector<Action>& out);
  void master_answered(const std::string& text, Instant now, std::vector<Action>& out);
  void master_failed(Failure failure, Instant now, std::vector<Action>& out);
  void pid_file_read(std::optional<int> pid, std::vector<Action>& out);
  void process_gone(const ProcessGone& gone, Instant now, std::vector<Action>& out);
  void worker_gone(Instant now, std::vector<Action>& out);
  void master_gone(Instant now, std::vector<Action>& out);

  void serving(Round round, Instant asked, Instant now, std::vector<Action>& out);
  void stopping(int worker, Instant now, std::vector<Action>& out);
  void attempt_failed(std::string_view why, Instant now);
  void declare_dead(std::string detail, Instant now);
  void declare_stopping(Instant now);
  void declare_hung(Instant now);
  [[nodiscard]] bool was_serving() const;

  void ask_held(Instant now, std::vector<Action>& out);
  void look_at_door(Instant now, std::vector<Action>& out);
  void door_closed(Instant now, std::vector<Action>& out);
  void start_over(Instant now, std::vector<Action>& out);
  void hang_up_witness(std::vector<Action>& out);
  void judge_silence(Instant now, std::vector<Action>& out);
  [[nodiscard]] bool silence_matters() const;
  [[nodiscard]] Instant unintelligible_deadline() const;
  void judge_master(Instant now);
  void update_watches(std::vector<Action>& out);

  void knock(Instant now, std::vector<Action>& out);
  void judge_blindness(Instant now, std::vector<Action>& out);
  void become_blind(Instant now);
  void note_load(const Info& info);
  void warn(Warning warning, bool on, std::string detail = {});

  conf::Haproxy settings_;
  RoundQuestion question_;
  std::optional<RoundQuestion> next_question_;
  Condition condition_;
  Lines lines_;
  MasterList master_;
  Watchlist watches_;

  // The held line; its outstanding question is known to silence_.
  Silence silence_;
  Knocking knocking_;
  Instant ask_at_ = kNever;              ///< the next question, while none is outstanding
  std::optional<Instant> silent_since_;  ///< the first question after the last round
  bool garbled_ = false;                 ///< answers came since then, but none made sense
  Instant door_at_ = kNever;             ///< the next look at the stats socket from outside
  bool door_closed_ = false;             ///< the last look is the reason of the next answer

  // Around a reload.
  Instant patient_until_{};
  bool present_ = false;  ///< the connection that tells of reloads is open
  bool proving_ = false;  ///< a knock of knock_once is out
  std::optional<Duration> hard_stop_after_;

  // A doubt about the worker begins a search for its successor; a round or a verdict ends it.
  bool doubt_ = false;
  bool told_to_stop_ = false;             ///< the reason for the doubt: the worker says so itself
  unsigned attempts_ = 0;                 ///< fresh connections that brought nothing
  std::optional<Instant> gone_deadline_;  ///< the worker has ended: a successor must speak by then
  int tried_worker_ = 0;                  ///< a possible successor of a hung worker, asked for once
};

}  // namespace haguard::proxy
