#include "proxy-bridge/reloader.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace haguard::proxy {

void Reloader::start(ReloadOutput& out) {
  out.actions.emplace_back(LoadReloadState{});
}

// ---- who wants one

std::optional<std::string> Reloader::impossible(const Condition& condition) const {
  if (condition.status == Status::Dead || condition.status == Status::Unknown) {
    return "HAProxy is not running" + (condition.detail.empty() ? "" : ": " + condition.detail);
  }
  if (condition.status == Status::Stopping) {
    return condition.detail;
  }
  if (!condition.processes || condition.warnings.contains(Warning::MasterSilent)) {
    return fmt::format("{} does not answer: without the master socket nothing can be reloaded",
                       settings_.master_socket);
  }
  return restoring_ ? std::optional<std::string>("files are being put back, try again")
                    : std::nullopt;
}

Instant Reloader::turn() const {
  const Instant wanted = wish_ ? wish_->not_before : kNever;
  return last_order_ ? std::max(wanted, *last_order_ + settings_.reload.min_interval) : wanted;
}

std::optional<std::string> Reloader::request(const Condition& condition, Instant now,
                                             ReloadOutput& out) {
  if (const auto why = impossible(condition)) {
    return why;
  }
  if (!wish_ || wish_->origin != Origin::Operator) {
    wish_ = Wish{Origin::Operator, now};
  }
  begin_wish(condition, now, out);
  return std::nullopt;
}

std::optional<std::string> Reloader::roll_back(std::optional<unsigned> generation,
                                               const Condition& condition, Instant /*now*/,
                                               ReloadOutput& out) {
  if (const auto why = impossible(condition)) {
    return why;
  }
  // That the files have changed is no reason against putting others in their place.
  if (attempt_ || (wish_ && wish_->origin == Origin::Operator)) {
    return "a reload is under way, try again";
  }
  if (!generation) {
    const unsigned running = running_generation();
    // Files that were never loaded are rolled back to those that run.
    const bool itself = in_sync() == false;
    const auto other = std::find_if(
        generations_.rbegin(), generations_.rend(), [running, itself](const Generation& candidate) {
          return running == 0 || candidate.id < running || (itself && candidate.id == running);
        });
    if (other == generations_.rend()) {
      return "there is no generation before the one that runs";
    }
    generation = other->id;
  }
  if (std::ranges::find(generations_, *generation, &Generation::id) == generations_.end()) {
    return fmt::format("there is no generation {}: `haguard proxy history` lists them",
                       *generation);
  }
  ++begun_;
  restoring_ = true;
  rolling_back_ = true;
  out.actions.emplace_back(RestoreGeneration{*generation});
  return std::nullopt;
}

void Reloader::begin_wish(const Condition& condition, Instant now, ReloadOutput& out) {
  if (!wish_ || attempt_ || restoring_ || !loaded_ || now < turn()) {
    return;
  }
  const Origin origin = wish_->origin;
  wish_.reset();
  if (origin == Origin::Watch && (in_sync().value_or(true) || impossible(condition))) {
    return;  // somebody was faster, or there is nobody to reload
  }
  ++begun_;
  begin(origin, condition, now, out);
}

void Reloader::begin(Origin origin, const Condition& condition, Instant now, ReloadOutput& out) {
  pass_probation(out);
  attempt_.emplace(origin, now, [this](const Order& order) { return journal_with(order); });
  attempt_->begin(condition, out);
}

void Reloader::join(Origin origin, const Before& before, const Condition& condition, Instant now,
                    ReloadOutput& out) {
  pass_probation(out);
  ++begun_;
  attempt_.emplace(origin, now, [this](const Order& order) { return journal_with(order); });
  attempt_->join(before, condition, now, out);
}

// ---- what happens

void Reloader::handle(const ReloadEvent& event, const Condition& condition, Instant now,
                      ReloadOutput& out) {
  if (const auto* loaded = std::get_if<StateLoaded>(&event)) {
    state_loaded(*loaded);
  } else if (const auto* files = std::get_if<FilesSurveyed>(&event)) {
    surveyed(*files, now);
  } else if (const auto* kept = std::get_if<GenerationKept>(&event)) {
    generation_kept(*kept);
  } else if (const auto* restored = std::get_if<FilesRestored>(&event)) {
    files_restored(*restored, condition, now, out);
  } else if (const auto* undone = std::get_if<RestoreUndone>(&event)) {
    restoring_ = false;
    if (!undone->error.empty()) {
      news_.warnings.push_back("cannot put the files back: " + undone->error);
    }
  } else if (const auto* written = std::get_if<JournalWritten>(&event)) {
    if (!written->error.empty() && !std::exchange(journal_flawed_, true)) {
      news_.warnings.push_back("the record of reloads cannot be kept: " + written->error);
    } else if (written->error.empty()) {
      journal_flawed_ = false;
    }
  }
  if (attempt_) {
    attempt_->handle(event, condition, now, out);
  }
  observe(condition, now, out);
}

void Reloader::handle(const Event& event, Instant now, ReloadOutput& out) {
  const auto* answer = std::get_if<Answered>(&event);
  const auto* failure = std::get_if<Failed>(&event);
  if (attempt_ && answer != nullptr && answer->line == Line::Reload) {
    attempt_->answered(*answer, now, out);
  } else if (attempt_ && failure != nullptr && failure->line == Line::Reload) {
    attempt_->failed(*failure, now, out);
  }
}

void Reloader::observe(const Condition& condition, Instant now, ReloadOutput& out) {
  follow(condition, out);
  if (attempt_) {
    attempt_->observe(condition, now, out);
  }
  settle(condition, now, out);
  judge_probation(condition, now, out);
  notice_others(condition, now, out);
  settle(condition, now, out);
  learn_baseline(condition, now, out);
  begin_wish(condition, now, out);
}

void Reloader::knocking(bool begun, const Condition& condition, Instant now, ReloadOutput& out) {
  if (attempt_) {
    attempt_->knocking(begun, condition, now, out);
  }
  settle(condition, now, out);
}

void Reloader::advance(const Condition& condition, Instant now, ReloadOutput& out) {
  if (attempt_) {
    attempt_->advance(condition, now, out);
  }
  settle(condition, now, out);
  judge_probation(condition, now, out);
  begin_wish(condition, now, out);
}

Instant Reloader::next_deadline() const {
  Instant next = attempt_ ? attempt_->next_deadline() : kNever;
  if (probation_) {
    next = std::min(next, probation_->until);
  }
  const bool may_begin = wish_ && !attempt_ && !restoring_ && loaded_;
  return may_begin ? std::min(next, turn()) : next;
}

std::string_view Reloader::step() const {
  return attempt_ ? attempt_->step() : restoring_ ? std::string_view("restore") : "";
}

/// The order of somebody else shows by a list that counts it, or by the end of the connection to
/// a master that lives.
void Reloader::notice_others(const Condition& condition, Instant now, ReloadOutput& out) {
  const bool settled = condition.status == Status::Running && condition.processes &&
                       condition.master_pid != 0 && loaded_;
  if (attempt_ || (known_ && known_->master_pid != condition.master_pid)) {
    known_.reset();
  }
  if (!known_) {
    disturbances_ = condition.disturbances;
    if (settled && !attempt_) {
      known_ = before(condition);
    }
    if (known_ && journal_.order) {
      resumed_digest_ = journal_.order->digest;
      join(journal_.order->origin, journal_.order->before, condition, now, out);
    }
    return;
  }
  const bool counted = condition.processes && condition.processes->master.reloads > known_->reloads;
  if (counted || condition.disturbances > disturbances_) {
    join(Origin::Other, Before(*known_), condition, now, out);
  } else if (settled && condition.rounds != known_rounds_) {
    known_rounds_ = condition.rounds;
    known_ = before(condition);
  }
}

// ---- what came of it

void Reloader::settle(const Condition& condition, Instant now, ReloadOutput& out) {
  tell_steps();
  if (!attempt_ || !attempt_->over()) {
    return;
  }
  steps_told_ = 0;
  const Attempt attempt = *std::exchange(attempt_, std::nullopt);
  if (attempt.record().result != Result::Refused) {
    last_order_ = now - attempt.record().took;
  }
  const bool ok = attempt.record().result == Result::Ok;
  const bool nothing_happened = !ok && !attempt.counted();
  if (nothing_happened && attempt.origin() == Origin::Other) {
    return;  // a mere disturbance, or the end of HAProxy, which the monitor tells
  }
  ReloadRecord record = attempt.record();
  if (nothing_happened && resumed_digest_) {
    record.result = Result::Refused;
    record.detail = "haguard ended before the order had reached HAProxy";
  } else {
    ok ? succeeded(attempt, condition, now, out) : failed(attempt, out);
    judge_sync();  // what was rejected is told with the difference
  }
  tell(begun_, record);
  resumed_digest_.reset();
  journal_.order.reset();
  write_journal(out);
}

/// Of a mere disturbance there is nothing to tell.
void Reloader::tell_steps() {
  if (!attempt_ || (attempt_->origin() == Origin::Other && !attempt_->counted())) {
    return;
  }
  const auto& steps = attempt_->record().steps;
  for (; steps_told_ < steps.size(); ++steps_told_) {
    news_.steps.push_back(steps[steps_told_]);
  }
}

void Reloader::tell(std::uint64_t number, const ReloadRecord& record) {
  news_.over.push_back({number, record});
  journal_.history.push_back(record);
  if (journal_.history.size() > ReloadJournal::kLongestHistory) {
    journal_.history.pop_front();
  }
}

void Reloader::succeeded(const Attempt& attempt, const Condition& condition, Instant now,
                         ReloadOutput& /*out*/) {
  const std::string digest = resumed_digest_.value_or(attempt.record().digest);
  journal_.running = {digest, condition.worker_pid, condition.worker_started};
  rejected_digest_.clear();
  baseline_wanted_ = false;
  probation_ = Probation{condition.worker_pid,
                         now,
                         now + settings_.reload.probation,
                         attempt.staged() && digest == attempt.record().digest,
                         condition.version,
                         attempt.record()};
}

void Reloader::failed(const Attempt& attempt, ReloadOutput& out) {
  const ReloadRecord& record = attempt.record();
  if (attempt.blames_files()) {
    rejected_digest_ = record.digest;
  }
  if (record.origin == Origin::Rollback) {
    restoring_ = true;
    out.actions.emplace_back(UndoRestore{});
  } else if (record.result != Result::Stuck && attempt.blames_files()) {
    put_back_last_good(record.digest, out);
  }
}

void Reloader::put_back_last_good(const std::string& bad_digest, ReloadOutput& out) {
  const bool known = !generations_.empty() && !bad_digest.empty();
  if (settings_.reload.on_failure == conf::OnFailure::Restore && known &&
      generations_.back().digest != bad_digest) {
    restoring_ = true;
    out.actions.emplace_back(RestoreGeneration{generations_.back().id});
  }
}

void Reloader::judge_probation(const Condition& condition, Instant now, ReloadOutput& out) {
  if (!probation_) {
    return;
  }
  if (condition.status == Status::Dead && !condition.orderly_end && probation_->record) {
    ReloadRecord record = *probation_->record;
    const auto lived = std::chrono::duration<double>(now - probation_->since).count();
    record.result = Result::Failed;
    record.detail = fmt::format("{}, {:.1f} s after the reload", condition.detail, lived);
    journal_.history.pop_back();  // that it went well
    tell(0, record);
    rejected_digest_ = record.digest;
    probation_.reset();
    put_back_last_good(record.digest, out);
    write_journal(out);
  } else if (condition.status == Status::Dead) {
    probation_.reset();
  } else if (now >= probation_->until) {
    pass_probation(out);
  }
}

void Reloader::pass_probation(ReloadOutput& out) {
  if (probation_ && probation_->staged) {
    out.actions.emplace_back(KeepStaged{probation_->version});
  }
  probation_.reset();
}

}  // namespace haguard::proxy
