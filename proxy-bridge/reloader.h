#pragma once
// Reloads of HAProxy that cannot hurt: one at a time, each proven, the last good files kept. The
// decision core: it decides when to reload and what became of it (attempt.h), knows whether the
// files on disk are those that run, and what to do when a reload has failed.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "conf/config.h"
#include "conf/units.h"
#include "proxy-bridge/attempt.h"
#include "proxy-bridge/reload_event.h"
#include "proxy-bridge/reload_record.h"

namespace haguard::proxy {

class Reloader {
 public:
  explicit Reloader(conf::Haproxy settings) : settings_(std::move(settings)) {}

  /// From the next decision on.
  void change(const conf::Reload& settings) { settings_.reload = settings; }

  void start(ReloadOutput& out);
  /// Somebody asks for a reload; the next record that is told answers him, or `refusal` does.
  /// Joins the one that waits for its turn.
  [[nodiscard]] std::optional<std::string> request(const Condition& condition, Instant now,
                                                   ReloadOutput& out);
  /// None: the generation before that which runs.
  [[nodiscard]] std::optional<std::string> roll_back(std::optional<unsigned> generation,
                                                     const Condition& condition, Instant now,
                                                     ReloadOutput& out);

  void handle(const ReloadEvent& event, const Condition& condition, Instant now, ReloadOutput& out);
  /// Only those about Line::Reload matter.
  void handle(const Event& event, Instant now, ReloadOutput& out);
  /// After everything that may have changed the condition.
  void observe(const Condition& condition, Instant now, ReloadOutput& out);
  void knocking(bool begun, const Condition& condition, Instant now, ReloadOutput& out);
  void advance(const Condition& condition, Instant now, ReloadOutput& out);
  /// HAProxy does not start with what is on disk: the last good generation comes back, with
  /// on_failure "restore", unless that is what was tried.
  void start_refused(ReloadOutput& out);
  [[nodiscard]] Instant next_deadline() const;

  /// Number of the reload that began last; whoever asks is answered by one with a higher number.
  [[nodiscard]] std::uint64_t begun() const { return begun_; }

  struct Over {
    std::uint64_t number = 0;  ///< 0: one that was told before, and has turned out otherwise
    ReloadRecord record;
  };
  /// News since the last call, each told once.
  struct News {
    std::vector<Step> steps;
    std::vector<Over> over;
    std::vector<std::string> warnings;  ///< lines for the log
    std::vector<std::string> facts;     ///< the same, of less weight
  };
  [[nodiscard]] News take_news() { return std::exchange(news_, {}); }

  /// None: nothing is known yet.
  [[nodiscard]] std::optional<bool> in_sync() const;
  [[nodiscard]] const std::string& out_of_sync_why() const { return out_of_sync_why_; }
  [[nodiscard]] const std::deque<ReloadRecord>& history() const { return journal_.history; }
  [[nodiscard]] const std::vector<Generation>& generations() const { return generations_; }
  /// The generation that runs; 0: none of them, or not known.
  [[nodiscard]] unsigned running_generation() const;
  /// "validate": what a reload that is under way is at; empty: none is.
  [[nodiscard]] std::string_view step() const;
  /// The new worker may still crash, and has not yet become a generation.
  [[nodiscard]] bool on_probation() const { return probation_.has_value(); }

 private:
  struct Wish {
    Origin origin = Origin::Operator;
    Instant not_before{};
  };
  struct Probation {
    int worker_pid = 0;
    Instant since;
    Instant until;
    bool staged = false;  ///< a copy of its files waits to become a generation
    std::string version;
    std::optional<ReloadRecord> record;  ///< none: a daemon before us has seen it
  };

  void state_loaded(const StateLoaded& loaded);
  void surveyed(const FilesSurveyed& surveyed, Instant now);
  void generation_kept(const GenerationKept& kept);
  void files_restored(const FilesRestored& restored, const Condition& condition, Instant now,
                      ReloadOutput& out);

  void follow(const Condition& condition, ReloadOutput& out);
  void notice_others(const Condition& condition, Instant now, ReloadOutput& out);
  void join(Origin origin, const Before& before, const Condition& condition, Instant now,
            ReloadOutput& out);
  void learn_baseline(const Condition& condition, Instant now, ReloadOutput& out);
  void adopt(const Condition& condition, Instant now, ReloadOutput& out);
  void begin_wish(const Condition& condition, Instant now, ReloadOutput& out);
  void begin(Origin origin, const Condition& condition, Instant now, ReloadOutput& out);
  [[nodiscard]] std::optional<std::string> impossible(const Condition& condition) const;
  /// When what is wished for may begin.
  [[nodiscard]] Instant turn() const;
  void settle(const Condition& condition, Instant now, ReloadOutput& out);
  void succeeded(const Attempt& attempt, const Condition& condition, Instant now,
                 ReloadOutput& out);
  void tell_steps();
  void tell(std::uint64_t number, const ReloadRecord& record);
  void failed(const Attempt& attempt, ReloadOutput& out);
  void put_back_last_good(const std::string& bad_digest, ReloadOutput& out);
  void judge_probation(const Condition& condition, Instant now, ReloadOutput& out);
  void pass_probation(ReloadOutput& out);
  void write_journal(ReloadOutput& out);
  void judge_sync();
  void wish_for_changed_files(Instant now);
  [[nodiscard]] std::string journal_with(const Order& order) const;

  conf::Haproxy settings_;
  ReloadJournal journal_;
  std::vector<Generation> generations_;
  bool loaded_ = false;
  News news_;

  std::optional<Attempt> attempt_;
  std::size_t steps_told_ = 0;
  std::optional<Wish> wish_;
  std::optional<Instant> last_order_;  ///< when the last reload began that was no mere trial
  std::optional<Probation> probation_;
  bool restoring_ = false;  ///< files are being put back
  bool rolling_back_ = false;
  bool journal_flawed_ = false;
  std::uint64_t begun_ = 0;
  std::optional<std::string> resumed_digest_;  ///< what a daemon before us had ordered to be read

  std::optional<Survey> survey_;
  std::optional<Before> known_;  ///< HAProxy as it was seen last, without a reload under way
  std::uint64_t known_rounds_ = 0;
  std::uint64_t disturbances_ = 0;
  std::optional<int> followed_;  ///< master whose files are followed
  bool baseline_wanted_ = true;
  std::string rejected_digest_;  ///< was tried, and is not tried again by itself
  std::string out_of_sync_why_;
};

}  // namespace haguard::proxy
