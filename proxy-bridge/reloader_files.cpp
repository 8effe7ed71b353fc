// The reloader's half about files: are those on disk the ones that run, and what was put back.

#include <algorithm>
#include <chrono>

#include <boost/algorithm/string/join.hpp>
#include <fmt/format.h>

#include "proxy-bridge/reloader.h"

namespace haguard::proxy {
namespace {

/// HAProxy tells when a worker was started in whole seconds.
bool changed_after(const Survey& survey, std::int64_t worker_started) {
  const auto changed =
      std::chrono::duration_cast<std::chrono::seconds>(survey.changed_at.time_since_epoch());
  return changed.count() > worker_started;
}

}  // namespace

void Reloader::state_loaded(const StateLoaded& loaded) {
  loaded_ = true;
  generations_ = loaded.generations;
  if (!loaded.error.empty()) {
    news_.warnings.push_back(loaded.error);
  }
  if (loaded.completed_restore != 0) {
    news_.warnings.push_back(fmt::format(
        "generation {} was being put back when haguard ended: done now", loaded.completed_restore));
  }
  if (loaded.journal.empty()) {
    return;
  }
  if (auto journal = parse_reload_journal(loaded.journal)) {
    journal_ = *std::move(journal);
  } else {
    news_.warnings.push_back("the record of reloads is not readable and begins anew");
  }
}

void Reloader::follow(const Condition& condition, ReloadOutput& out) {
  // Of a HAProxy that does not run, or tells no master, they are what haguard.toml says.
  const bool known = condition.master_pid != 0 ||
                     (!followed_ && condition.lists == 0 && condition.status != Status::Unknown);
  if (known && condition.master_pid != followed_) {
    followed_ = condition.master_pid;
    out.actions.emplace_back(FollowFiles{*followed_});
    survey_.reset();  // of other files, perhaps
    baseline_wanted_ = true;
  }
}

/// What a worker has read that was not reloaded under our eyes: what the journal says of it, or
/// what is on disk unless that has changed since.
void Reloader::learn_baseline(const Condition& condition, Instant now, ReloadOutput& out) {
  const bool serves = condition.status == Status::Running && condition.worker_started != 0;
  if (!loaded_ || !survey_ || attempt_ || !serves) {
    return;
  }
  const Running& known = journal_.running;
  const bool same =
      known.worker_pid == condition.worker_pid && known.worker_started == condition.worker_started;
  if (!baseline_wanted_ && same) {
    return;
  }
  baseline_wanted_ = false;
  if (!same || known.digest.empty()) {
    const bool fresh = changed_after(*survey_, condition.worker_started);
    journal_.running = {fresh ? "" : survey_->digest, condition.worker_pid,
                        condition.worker_started};
    write_journal(out);
  }
  judge_sync();
  if (running_generation() == 0 && in_sync().value_or(false) && !restoring_) {
    adopt(condition, now, out);
  }
}

/// What serves is no generation yet. The first one is the best that there is to go back to; one
/// more has to serve for a while.
void Reloader::adopt(const Condition& condition, Instant now, ReloadOutput& out) {
  out.actions.emplace_back(StageFiles{condition.master_pid});
  if (generations_.empty()) {
    out.actions.emplace_back(KeepStaged{condition.version});
  } else {
    probation_ =
        Probation{condition.worker_pid, now,         now + settings_.reload.probation, true,
                  condition.version,    std::nullopt};
  }
}

void Reloader::surveyed(const FilesSurveyed& surveyed, Instant now) {
  if (surveyed.master_pid != followed_) {
    return;  // it came too late
  }
  survey_ = surveyed.survey;
  judge_sync();
  wish_for_changed_files(now);
}

std::optional<bool> Reloader::in_sync() const {
  if (!survey_ || baseline_wanted_) {
    return std::nullopt;
  }
  return !survey_->digest.empty() && survey_->digest == journal_.running.digest;
}

/// Tells it once each time it changes.
void Reloader::judge_sync() {
  std::string why;
  if (in_sync() == false) {
    if (survey_->digest.empty()) {
      why = survey_->flaw;
    } else if (journal_.running.digest.empty()) {
      why =
          fmt::format("they have changed since worker {} was started", journal_.running.worker_pid);
    } else {
      why = "they differ from what runs";
    }
    why += survey_->digest == rejected_digest_ && !rejected_digest_.empty()
               ? ", and were rejected: a restart would not load them"
               : "";
  }
  if (why.empty() != out_of_sync_why_.empty()) {
    news_.facts.push_back(why.empty() ? "files on disk: they are what runs again"
                                      : "files on disk: " + why);
  }
  out_of_sync_why_ = std::move(why);
}

/// Every change begins the quiet time anew; what was tried is not tried again.
void Reloader::wish_for_changed_files(Instant now) {
  if (!settings_.reload.watch || (wish_ && wish_->origin == Origin::Operator)) {
    return;
  }
  wish_.reset();
  if (in_sync() == false && !survey_->digest.empty() && survey_->digest != rejected_digest_) {
    wish_ = Wish{Origin::Watch, now + settings_.reload.debounce};
  }
}

void Reloader::generation_kept(const GenerationKept& kept) {
  if (kept.error.empty()) {
    generations_ = kept.generations;
  } else {
    news_.warnings.push_back("no generation is kept: " + kept.error);
  }
}

void Reloader::files_restored(const FilesRestored& restored, const Condition& condition,
                              Instant now, ReloadOutput& out) {
  restoring_ = false;
  const bool rolling_back = std::exchange(rolling_back_, false);
  if (!restored.error.empty()) {
    const std::string why =
        fmt::format("generation {} cannot be put back: {}", restored.id, restored.error);
    news_.warnings.push_back(why);
    if (rolling_back) {
      ReloadRecord record;
      record.origin = Origin::Rollback;
      record.result = Result::Refused;
      record.detail = why;
      news_.over.push_back({begun_, record});
    }
    return;
  }
  const std::string beside = restored.rejected.empty() ? "nothing had to be replaced"
                                                       : "what stood there is kept as " +
                                                             boost::join(restored.rejected, ", ");
  news_.warnings.push_back(fmt::format("generation {} was put back: {}", restored.id, beside));
  if (rolling_back) {
    begin(Origin::Rollback, condition, now, out);
  }
}

void Reloader::start_refused(ReloadOutput& out) {
  if (attempt_ || restoring_ || !survey_) {
    return;
  }
  rejected_digest_ = survey_->digest;
  judge_sync();
  put_back_last_good(survey_->digest, out);
}

unsigned Reloader::running_generation() const {
  const auto found = std::find_if(
      generations_.rbegin(), generations_.rend(), [this](const Generation& generation) {
        return generation.digest == journal_.running.digest && !generation.digest.empty();
      });
  return found == generations_.rend() ? 0 : found->id;
}

void Reloader::write_journal(ReloadOutput& out) {
  out.actions.emplace_back(WriteJournal{to_text(journal_)});
}

std::string Reloader::journal_with(const Order& order) const {
  ReloadJournal journal = journal_;
  journal.order = order;
  return to_text(journal);
}

}  // namespace haguard::proxy
