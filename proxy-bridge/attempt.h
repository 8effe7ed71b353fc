#pragma once
// One reload from the first look at the files to the proof that the new worker serves. Nothing is
// said to HAProxy before the files were validated and their binds tried; from the order on only
// HAProxy's state decides. Who did not order it only proves it.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conf/units.h"
#include "proxy-bridge/condition.h"
#include "proxy-bridge/event.h"
#include "proxy-bridge/proof.h"
#include "proxy-bridge/reload_event.h"
#include "proxy-bridge/reload_record.h"

namespace haguard::proxy {

/// What the reload procedure wants done.
struct ReloadOutput {
  std::vector<ReloadAction> actions;
  std::vector<Action> questions;         ///< on HAProxy's sockets
  bool look_again = false;               ///< Monitor::look_again
  bool knock = false;                    ///< Monitor::knock_once
  std::optional<Instant> patient_until;  ///< Monitor::be_patient
};

class Attempt {
 public:
  /// `order_text`: the journal's text with this order in it.
  using Journal = std::function<std::string(const Order&)>;

  Attempt(Origin origin, Instant now, Journal journal);

  /// From the files to the order to the proof.
  void begin(const Condition& condition, ReloadOutput& out);
  /// Somebody else has ordered it, or a daemon before us (`order`).
  void join(Before before, const Condition& condition, Instant now, ReloadOutput& out);

  void handle(const ReloadEvent& event, const Condition& condition, Instant now, ReloadOutput& out);
  void answered(const Answered& answer, Instant now, ReloadOutput& out);
  void failed(const Failed& failure, Instant now, ReloadOutput& out);
  void observe(const Condition& condition, Instant now, ReloadOutput& out);
  /// What Monitor::knock_once said.
  void knocking(bool begun, const Condition& condition, Instant now, ReloadOutput& out);
  void advance(const Condition& condition, Instant now, ReloadOutput& out);
  [[nodiscard]] Instant next_deadline() const;

  [[nodiscard]] bool over() const { return phase_ == Phase::Over; }
  /// Whole when it is over.
  [[nodiscard]] const ReloadRecord& record() const { return record_; }
  [[nodiscard]] Origin origin() const { return record_.origin; }
  /// "validate": what it is at.
  [[nodiscard]] std::string_view step() const;
  /// HAProxy has counted it: it is no mere disturbance.
  [[nodiscard]] bool counted() const { return proof_ && proof_->counted(); }
  [[nodiscard]] bool staged() const { return staged_; }
  /// When it has failed: the files may be the reason.
  [[nodiscard]] bool blames_files() const { return blames_files_; }

 private:
  /// As kReloadSteps.
  enum class Phase : std::uint8_t { Collect, Validate, Bind, Note, Order, Prove, Knock, Over };

  void staged(const FilesStaged& staged, Instant now, ReloadOutput& out);
  void validated(const Validated& result, Instant now, ReloadOutput& out);
  void binds_tried(const BindsTried& result, const Condition& condition, Instant now,
                   ReloadOutput& out);
  void order(Instant now, ReloadOutput& out);
  void prove(Instant now, ReloadOutput& out);
  void end_step(bool ok, std::string detail, Instant now);
  void fail(Result result, std::string detail, Instant now, ReloadOutput& out);
  void succeed(const Condition& condition, Instant now, ReloadOutput& out);
  void give_up(const Condition& condition, Instant now, ReloadOutput& out);
  [[nodiscard]] Duration grace() const;

  Phase phase_ = Phase::Collect;
  ReloadRecord record_;
  Journal journal_;
  Instant began_;
  Instant step_began_;
  int master_pid_ = 0;
  Duration validation_{};
  bool collected_ = false;  ///< what is on disk is known
  bool staged_ = false;     ///< and a copy of it is kept
  bool blames_files_ = true;
  int hung_worker_ = 0;  ///< it hung when the order left
  std::optional<Proof> proof_;
  Instant count_deadline_ = kNever;  ///< joined: by then the master has counted it
  Instant deadline_ = kNever;        ///< for the whole of the order and its proof
  Instant order_at_ = kNever;        ///< once more
  std::uint64_t lists_ = 0;          ///< of the master, before the order
  Instant look_at_ = kNever;
  Duration look_after_{};
};

}  // namespace haguard::proxy
