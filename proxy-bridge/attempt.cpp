#include "proxy-bridge/attempt.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "proxy-bridge/reply.h"

namespace haguard::proxy {
namespace {

using namespace std::chrono_literals;

/// HAProxy tries for 2 s to bind before it gives up, with its listeners paused.
constexpr Duration kGrace = 2500ms;
/// Loading has no limit of its own in HAProxy.
constexpr Duration kShortestPatience = 30s;
constexpr int kPatienceFactor = 10;
/// For a reload that was merely suspected.
constexpr Duration kCountPatience = 5s;
constexpr Duration kFirstLook = 10ms;
constexpr Duration kLongestLook = 100ms;
/// While another reload is under way, or the master's socket is being opened anew.
constexpr Duration kOrderAgain = 1s;
constexpr Duration kSocketAgain = 100ms;
/// 2.6 loses an order that comes while the master executes itself anew: by then it has answered
/// that it has counted nothing.
constexpr Duration kLostAfter = 2s;

}  // namespace

Attempt::Attempt(Origin origin, Instant now, Journal journal)
    : journal_(std::move(journal)), began_(now), step_began_(now) {
  record_.origin = origin;
}

void Attempt::begin(const Condition& condition, ReloadOutput& out) {
  master_pid_ = condition.master_pid;
  out.actions.emplace_back(StageFiles{master_pid_});
}

void Attempt::join(Before before, const Condition& condition, Instant now, ReloadOutput& out) {
  master_pid_ = before.master_pid;
  // The list that showed the reload counts; one that is older shows no reload anyhow.
  proof_.emplace(std::move(before), 0);
  out.actions.emplace_back(StageFiles{master_pid_});
  deadline_ = now + kShortestPatience;
  count_deadline_ = now + kCountPatience;
  prove(now, out);
  observe(condition, now, out);
}

void Attempt::handle(const ReloadEvent& event, const Condition& condition, Instant now,
                     ReloadOutput& out) {
  if (const auto* files = std::get_if<FilesStaged>(&event)) {
    staged(*files, now, out);
  } else if (const auto* validation = std::get_if<Validated>(&event)) {
    validated(*validation, now, out);
  } else if (const auto* tried = std::get_if<BindsTried>(&event)) {
    binds_tried(*tried, condition, now, out);
  } else if (const auto* written = std::get_if<JournalWritten>(&event)) {
    if (phase_ == Phase::Note) {
      // Without it a daemon that is killed now only knows less.
      end_step(true, written->error, now);
      order(now, out);
    }
  }
}

// ---- before the order

void Attempt::staged(const FilesStaged& files, Instant now, ReloadOutput& out) {
  record_.at = files.at;
  record_.digest = files.survey.digest;
  staged_ = files.error.empty();
  collected_ = true;
  if (phase_ != Phase::Collect) {
    return;  // joined: the proof goes on beside it
  }
  const std::string told = files.error.empty()
                               ? fmt::format("{} file{}", files.survey.files.size(),
                                             files.survey.files.size() == 1 ? "" : "s")
                               : fmt::format("no copy is kept: {}", files.error);
  end_step(true, told, now);
  phase_ = Phase::Validate;
  out.actions.emplace_back(ValidateConfiguration{master_pid_});
}

void Attempt::validated(const Validated& result, Instant now, ReloadOutput& out) {
  if (phase_ != Phase::Validate) {
    return;
  }
  validation_ = now - step_began_;
  end_step(result.ok, result.reason, now);
  if (!result.ok) {
    return fail(Result::Refused, result.reason, now, out);
  }
  phase_ = Phase::Bind;
  out.actions.emplace_back(TryBinds{master_pid_});
}

void Attempt::binds_tried(const BindsTried& result, const Condition& condition, Instant now,
                          ReloadOutput& out) {
  if (phase_ != Phase::Bind) {
    return;
  }
  if (!result.obstacles.empty()) {
    const std::string& first = result.obstacles.front();
    const auto more = result.obstacles.size() - 1;
    const std::string told = more == 0 ? first : fmt::format("{} (and {} more)", first, more);
    end_step(false, told, now);
    return fail(Result::Refused, told, now, out);
  }
  end_step(true,
           result.unknown == 0 ? fmt::format("{} binds", result.tried)
                               : fmt::format("{} binds, {} that only HAProxy can judge",
                                             result.tried, result.unknown),
           now);
  if (condition.master_pid != master_pid_ || !condition.processes) {
    blames_files_ = false;
    return fail(Result::Refused, "HAProxy's master went away meanwhile", now, out);
  }
  proof_.emplace(before(condition), condition.lists);
  hung_worker_ = condition.status == Status::Hung ? condition.worker_pid : 0;
  lists_ = condition.lists;
  phase_ = Phase::Note;
  out.actions.emplace_back(
      WriteJournal{journal_({record_.origin, record_.at, record_.digest, proof_->before()})});
}

// ---- the order

/// Silence and refusals are normal for so long: see be_patient().
Duration Attempt::grace() const {
  return kGrace + 2 * validation_;
}

void Attempt::order(Instant now, ReloadOutput& out) {
  phase_ = Phase::Order;
  order_at_ = kNever;
  if (deadline_ == kNever) {
    deadline_ = now + std::max<Duration>(kShortestPatience, kPatienceFactor * validation_);
  }
  out.patient_until = now + grace();
  out.questions.emplace_back(Ask{Line::Reload, "reload"});
}

void Attempt::answered(const Answered& answer, Instant now, ReloadOutput& out) {
  if (phase_ != Phase::Order) {
    return;
  }
  const ReloadReply reply = parse_reload_reply(answer.text);
  switch (reply.kind) {
    case ReloadReply::Kind::Busy:
      order_at_ = now + kOrderAgain;
      break;
    case ReloadReply::Kind::Denied:
      blames_files_ = false;
      end_step(false, "permission denied", now);
      fail(Result::Refused, "the master socket does not allow `reload`: permission denied", now,
           out);
      break;
    case ReloadReply::Kind::Failed:
      end_step(false, reply.reason, now);
      fail(Result::Failed, reply.reason, now, out);
      break;
    case ReloadReply::Kind::Taken:
      prove(now, out);
      break;
  }
}

void Attempt::failed(const Failed& failure, Instant now, ReloadOutput& out) {
  if (phase_ != Phase::Order) {
    return;
  }
  switch (failure.failure) {
    case Failure::Closed:
      prove(now, out);  // all that 2.6 ever says
      break;
    case Failure::Refused:
      order_at_ = now + kSocketAgain;
      break;
    case Failure::Missing:
    case Failure::Denied:
      blames_files_ = false;
      end_step(false, std::string(to_string(failure.failure)), now);
      fail(Result::Refused, fmt::format("master socket: {}", to_string(failure.failure)), now, out);
      break;
  }
}

// ---- the proof

void Attempt::prove(Instant now, ReloadOutput& out) {
  if (phase_ == Phase::Order) {
    end_step(true, {}, now);
  } else {
    step_began_ = now;
    out.patient_until = now + grace();
  }
  phase_ = Phase::Prove;
  order_at_ = count_deadline_ == kNever ? now + kLostAfter : kNever;
  look_after_ = kFirstLook;
  look_at_ = now + look_after_;
  out.look_again = true;
}

void Attempt::observe(const Condition& condition, Instant now, ReloadOutput& out) {
  if (phase_ != Phase::Prove && phase_ != Phase::Knock) {
    return;
  }
  const Proof::Verdict verdict = proof_->judge(condition);
  if (verdict == Proof::Verdict::Failed) {
    blames_files_ = condition.master_pid == 0 || condition.master_pid == master_pid_;
    end_step(false, proof_->reason(), now);
    return fail(Result::Failed, proof_->reason(), now, out);
  }
  if (verdict == Proof::Verdict::Open || !collected_) {
    return;
  }
  if (phase_ == Phase::Prove) {
    end_step(true, fmt::format("worker {} serves", condition.worker_pid), now);
    phase_ = Phase::Knock;
    out.knock = true;
  } else if (condition.knock_answered) {
    succeed(condition, now, out);
  }
}

void Attempt::knocking(bool begun, const Condition& condition, Instant now, ReloadOutput& out) {
  if (!begun && phase_ == Phase::Knock) {
    succeed(condition, now, out);
  }
}

void Attempt::succeed(const Condition& condition, Instant now, ReloadOutput& out) {
  const bool spoke = condition.knock_answered.value_or(true);
  end_step(spoke,
           !condition.knock_answered ? "there is none that may be asked"
           : spoke                   ? "answers"
                                     : "no answer",
           now);
  // It does not leave its listeners: the kernel goes on giving it a share of the connections.
  const std::string advice = hung_worker_ == 0
                                 ? ""
                                 : fmt::format(
                                       "; worker {0} hung before and may still take connections, "
                                       "end it with `kill -KILL {0}`",
                                       hung_worker_);
  if (!spoke) {
    blames_files_ = hung_worker_ == 0;
    return fail(Result::Failed, "a listener of the new worker does not answer" + advice, now, out);
  }
  record_.result = Result::Ok;
  record_.took = now - began_;
  record_.detail =
      fmt::format("worker {} -> {}{}", proof_->before().worker_pid, condition.worker_pid, advice);
  phase_ = Phase::Over;
  out.patient_until = now;
}

void Attempt::fail(Result result, std::string detail, Instant now, ReloadOutput& out) {
  const bool was_ordered = phase_ >= Phase::Order;
  record_.result = result;
  record_.detail = std::move(detail);
  record_.took = now - began_;
  phase_ = Phase::Over;
  out.questions.emplace_back(HangUp{Line::Reload});
  out.actions.emplace_back(CancelTrials{});
  if (was_ordered) {
    out.patient_until = now + kGrace;  // the listeners of the old worker come back
  }
}

/// From 3.1 on HAProxy waits for a worker that loads for as long as it takes.
void Attempt::give_up(const Condition& condition, Instant now, ReloadOutput& out) {
  std::string detail = proof_->reason().empty() ? "the master does not answer" : proof_->reason();
  if (condition.processes) {
    for (const Process& worker : condition.processes->workers) {
      if (worker.pid != condition.worker_pid) {
        detail = fmt::format("worker {} is still loading", worker.pid);
      }
    }
  }
  const auto waited = std::chrono::duration_cast<std::chrono::seconds>(now - step_began_);
  detail = fmt::format("no end after {} s: {}", waited.count(), detail);
  end_step(false, detail, now);
  fail(Result::Stuck, detail, now, out);
}

void Attempt::advance(const Condition& condition, Instant now, ReloadOutput& out) {
  const bool suspected = phase_ == Phase::Prove && !counted() && now >= count_deadline_;
  if (!over() && (suspected || now >= deadline_)) {
    return give_up(condition, now, out);
  }
  const bool lost = phase_ == Phase::Prove && !counted() && condition.lists > lists_;
  if (now >= order_at_ && (phase_ == Phase::Order || lost)) {
    lists_ = condition.lists;
    order(now, out);
  }
  if (phase_ == Phase::Prove && now >= look_at_) {
    look_after_ = std::min<Duration>(2 * look_after_, kLongestLook);
    look_at_ = now + look_after_;
    out.look_again = true;
    observe(condition, now, out);
  }
}

Instant Attempt::next_deadline() const {
  switch (phase_) {
    case Phase::Order:
      return std::min(deadline_, order_at_);
    case Phase::Prove:
      return std::min({deadline_, look_at_, counted() ? kNever : count_deadline_});
    case Phase::Knock:
      return deadline_;
    case Phase::Collect:
    case Phase::Validate:
    case Phase::Bind:
    case Phase::Note:
    case Phase::Over:
      break;
  }
  return kNever;
}

void Attempt::end_step(bool ok, std::string detail, Instant now) {
  record_.steps.push_back({std::string(step()), ok, now - step_began_, std::move(detail)});
  step_began_ = now;
}

std::string_view Attempt::step() const {
  return over() ? std::string_view() : kReloadSteps.at(static_cast<std::size_t>(phase_));
}

}  // namespace haguard::proxy
