#include "proxy-bridge/monitor.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace haguard::proxy {
namespace {

using namespace std::chrono_literals;

/// Between two questions while nobody serves.
constexpr Duration kRetry = 100ms;
/// A reload swaps the socket file, so a refusal while the worker lives is looked at again.
constexpr Duration kQuickRetry = 5ms;
constexpr unsigned kQuickRetries = 2;
/// A successor that was ready when its predecessor ended answers in a millisecond.
constexpr Duration kSuccessorTimeout = 50ms;
/// The list of processes while it is expected to change.
constexpr Duration kMasterSoon = 1s;

Duration ask_interval(Duration hang_timeout) {
  return std::clamp<Duration>(hang_timeout / 6, 20ms, 100ms);
}

template <typename... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <typename... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

}  // namespace

Monitor::Monitor(conf::Haproxy settings, const std::set<std::string>& backends)
    : settings_(std::move(settings)), question_(backends), silence_(settings_.hang_timeout) {}

void Monitor::start(Instant now, std::vector<Action>& out) {
  ask_held(now, out);
  master_.refresh(now);
  advance(now, out);
}

void Monitor::handle(const Event& event, Instant now, std::vector<Action>& out) {
  const auto answered = [&](const Answered& answer) {
    if (lines_.is_late(answer.line, answer.question)) {
      return;
    }
    switch (answer.line) {
      case Line::Held:
        return held_answered(answer.text, now, out);
      case Line::Witness:
        return witness_answered(answer.text, now, out);
      case Line::Master:
        return master_answered(answer.text, now, out);
    }
  };
  const auto failed = [&](const Failed& failure) {
    if (lines_.is_late(failure.line, failure.question)) {
      return;
    }
    switch (failure.line) {
      case Line::Held:
        return held_failed(failure.failure, now, out);
      case Line::Witness:
        return silence_.witness_ended(false);
      case Line::Master:
        return master_failed(failure.failure, now, out);
    }
  };
  std::visit(
      Overloaded{answered, failed, [&](const PidFileRead& read) { pid_file_read(read.pid, out); },
                 [&](const ProcessGone& gone) { process_gone(gone, now, out); }},
      event);
}

void Monitor::advance(Instant now, std::vector<Action>& out) {
  if (gone_deadline_ && now >= *gone_deadline_) {
    declare_dead(watches_.cause(), now);
  }
  if (now >= unintelligible_deadline()) {
    declare_dead(fmt::format("{}: unintelligible answers", settings_.admin_socket), now);
  }
  if (!silence_.held()) {
    if (now >= ask_at_) {
      ask_held(now, out);
    }
  } else if (silence_matters()) {
    judge_silence(now, out);
  }
  if (master_.take_due(now)) {
    lines_.ask(Line::Master, "show proc;quit", out);
  }
}

Instant Monitor::next_deadline() const {
  Instant next = std::min(master_.next_deadline(), unintelligible_deadline());
  next = std::min(next, gone_deadline_.value_or(kNever));
  if (!silence_.held()) {
    return std::min(next, ask_at_);
  }
  const bool hung = condition_.status == Status::Hung;
  return silence_matters() ? std::min(next, silence_.deadline(hung)) : next;
}

// ---- the held line

void Monitor::held_answered(const std::string& text, Instant now, std::vector<Action>& out) {
  if (!silence_.held()) {
    return;
  }
  const Instant asked = *silence_.held();
  silence_.held_ended();
  hang_up_witness(out);
  std::optional<Round> round = question_.parse(text);
  if (!round) {
    garbled_ = true;
    ask_at_ = now + (was_serving() ? ask_interval(settings_.hang_timeout) : kRetry);
    lines_.hang_up(Line::Held, out);  // a fresh connection starts at the start of a reply
  } else if (round->info.stopping) {
    stopping(round->info.pid, now, out);
  } else {
    serving(std::move(*round), asked, now, out);
  }
}

void Monitor::serving(Round round, Instant asked, Instant now, std::vector<Action>& out) {
  const bool news = condition_.status != Status::Running || condition_.worker_pid != round.info.pid;
  condition_.status = Status::Running;
  condition_.detail.clear();
  condition_.version = std::move(round.info.version);
  condition_.worker_pid = round.info.pid;
  condition_.proxies = std::move(round.proxies);
  ++condition_.rounds;
  if (condition_.master_pid == condition_.worker_pid) {
    condition_.master_pid = 0;  // the pid file of a HAProxy that runs without a master
  }
  silence_.broken();
  silent_since_.reset();
  garbled_ = false;
  doubt_ = false;
  attempts_ = 0;
  gone_deadline_.reset();
  watches_.recovered();
  tried_worker_ = 0;
  update_watches(out);
  ask_at_ = std::max(now, asked + ask_interval(settings_.hang_timeout));
  if (news) {
    master_.refresh(now);
  }
}

void Monitor::stopping(int worker, Instant now, std::vector<Action>& out) {
  // HAProxy 2.6 does not end a stopping worker while somebody holds a connection to it.
  lines_.hang_up(Line::Held, out);
  if (!was_serving()) {
    if (condition_.worker_pid == 0) {
      condition_.worker_pid = worker;
      update_watches(out);
    }
    declare_stopping(now);
  } else if (!doubt_) {
    doubt_ = true;
    ask_held(now, out);
  } else {
    attempt_failed("stopping", now);
  }
}

void Monitor::held_failed(Failure failure, Instant now, std::vector<Action>& out) {
  const bool outstanding = silence_.held().has_value();
  silence_.held_ended();
  hang_up_witness(out);
  if (failure == Failure::Denied) {
    declare_dead(fmt::format("{}: {}", settings_.admin_socket, to_string(failure)), now);
  } else if (was_serving() && !doubt_ && failure == Failure::Closed) {
    doubt_ = true;  // or merely HAProxy's `stats timeout`
    ask_held(now, out);
  } else if (outstanding) {
    doubt_ = was_serving();
    attempt_failed(to_string(failure), now);
  }
}

/// A fresh connection brought nothing, or only a worker that is stopping.
void Monitor::attempt_failed(std::string_view why, Instant now) {
  const bool alive = watches_.contains(condition_.worker_pid);
  if (condition_.status == Status::Stopping && alive) {
    ask_at_ = now + kRetry;
  } else if (was_serving() && !gone_deadline_ && ++attempts_ <= kQuickRetries) {
    ask_at_ = now + kQuickRetry;
  } else if (was_serving() && alive) {
    declare_stopping(now);
  } else if (!watches_.cause().empty()) {
    declare_dead(watches_.cause(), now);
  } else {
    declare_dead(fmt::format("not running: {}: {}", settings_.admin_socket, why), now);
  }
}

void Monitor::ask_held(Instant now, std::vector<Action>& out) {
  silence_.held_asked(now);
  if (!silent_since_) {
    silent_since_ = now;
  }
  lines_.ask(Line::Held, question_.command(), out);
}

void Monitor::start_over(Instant now, std::vector<Action>& out) {
  hang_up_witness(out);
  lines_.hang_up(Line::Held, out);
  ask_held(now, out);
}

// ---- silence

void Monitor::judge_silence(Instant now, std::vector<Action>& out) {
  switch (silence_.judge(now, condition_.status == Status::Hung)) {
    case Silence::Step::Wait:
      break;
    case Silence::Step::AskWitness:
      silence_.witness_asked(now);
      lines_.ask(Line::Witness, "show info", out);
      break;
    case Silence::Step::RenewHeld:
      start_over(now, out);
      break;
    case Silence::Step::Hung:
      declare_hung(now);
      break;
  }
}

void Monitor::witness_answered(const std::string& text, Instant now, std::vector<Action>& out) {
  if (!silence_.witness_open()) {
    return;
  }
  const std::optional<Info> info = parse_info(text);
  silence_.witness_ended(info.has_value());
  if (!info || !silence_.held()) {
    return;
  }
  // Another worker: the held line leads to a former one.
  const bool other = condition_.worker_pid != 0 && info->pid != condition_.worker_pid;
  if (condition_.status == Status::Hung || (other && silence_.take_second_chance())) {
    start_over(now, out);
  }
}

void Monitor::hang_up_witness(std::vector<Action>& out) {
  if (silence_.witness_open()) {
    silence_.witness_ended(false);
    lines_.hang_up(Line::Witness, out);
  }
}

bool Monitor::silence_matters() const {
  return condition_.status != Status::Dead && condition_.status != Status::Stopping;
}

Instant Monitor::unintelligible_deadline() const {
  const bool waiting = garbled_ && silent_since_ && condition_.status != Status::Dead;
  return waiting ? *silent_since_ + settings_.hang_timeout : kNever;
}

// ---- the master and the processes

void Monitor::master_answered(const std::string& text, Instant now, std::vector<Action>& out) {
  const std::optional<ProcessList> list = master_.answered(text, now);
  if (!list) {
    return;
  }
  const auto other = [this](const Process& process) {
    return process.pid != condition_.worker_pid;
  };
  condition_.master_pid = list->master.pid;
  // After a failed reload, 3.1 and later list the worker that serves under the old ones.
  condition_.old_workers = static_cast<unsigned>(std::ranges::count_if(list->old_workers, other));
  update_watches(out);
  const bool hung = condition_.status == Status::Hung;
  if (hung || condition_.old_workers > 0) {
    master_.hurry(now + kMasterSoon);
  }
  // Somebody may have reloaded to replace a hung worker, which goes on holding our connections.
  const auto candidate = std::ranges::find_if(list->workers, other);
  if (hung && candidate != list->workers.end() && candidate->pid != tried_worker_) {
    tried_worker_ = candidate->pid;
    start_over(now, out);
  }
}

void Monitor::master_failed(Failure failure, Instant now, std::vector<Action>& out) {
  master_.failed(failure, now);
  if (condition_.status == Status::Hung) {
    master_.hurry(now + kMasterSoon);  // a reload behind a hung worker takes some seconds
  }
  if (failure != Failure::Closed && condition_.master_pid == 0) {
    out.emplace_back(ReadPidFile{});
  }
}

void Monitor::pid_file_read(std::optional<int> pid, std::vector<Action>& out) {
  if (pid && condition_.master_pid == 0 && *pid != condition_.worker_pid &&
      !watches_.is_gone(*pid)) {
    condition_.master_pid = *pid;
    update_watches(out);
  }
}

void Monitor::process_gone(const ProcessGone& gone, Instant now, std::vector<Action>& out) {
  const bool worker = gone.pid == condition_.worker_pid;
  const std::string told = watches_.cause();
  if (!watches_.gone(worker ? "worker" : "master", gone)) {
    return;
  }
  worker ? worker_gone(now, out) : master_gone(now, out);
  if (!told.empty() && condition_.detail == told) {
    condition_.detail = watches_.cause();
  }
}

void Monitor::worker_gone(Instant now, std::vector<Action>& out) {
  const bool refused = doubt_ && attempts_ > 0;
  if (condition_.status == Status::Stopping || (was_serving() && refused)) {
    declare_dead(watches_.cause(), now);
  } else if (!was_serving()) {
    condition_.worker_pid = 0;
  } else {
    gone_deadline_ = now + kSuccessorTimeout;
    if (!doubt_) {  // else a fresh connection is being tried
      doubt_ = true;
      start_over(now, out);
    }
  }
}

void Monitor::master_gone(Instant now, std::vector<Action>& out) {
  condition_.master_pid = 0;
  if (condition_.status == Status::Dead) {
    return;
  }
  // Its worker ends within milliseconds; what it says until then does not count.
  condition_.worker_pid = 0;
  condition_.old_workers = 0;
  hang_up_witness(out);
  silence_.held_ended();
  lines_.hang_up(Line::Held, out);
  update_watches(out);
  declare_dead(watches_.cause(), now);
}

void Monitor::update_watches(std::vector<Action>& out) {
  watches_.update(condition_.master_pid, condition_.worker_pid, out);
}

// ---- verdicts

bool Monitor::was_serving() const {
  return condition_.status == Status::Running || condition_.status == Status::Hung;
}

void Monitor::declare_dead(std::string detail, Instant now) {
  condition_.status = Status::Dead;
  condition_.detail = std::move(detail);
  if (watches_.is_gone(condition_.worker_pid)) {
    condition_.worker_pid = 0;
  }
  doubt_ = false;
  attempts_ = 0;
  gone_deadline_.reset();
  garbled_ = false;
  ask_at_ = now + kRetry;
}

void Monitor::declare_stopping(Instant now) {
  condition_.status = Status::Stopping;
  condition_.detail =
      fmt::format("worker {} is stopping and has no successor", condition_.worker_pid);
  doubt_ = false;
  attempts_ = 0;
  ask_at_ = now + kRetry;
}

void Monitor::declare_hung(Instant now) {
  const auto timeout =
      std::chrono::duration_cast<std::chrono::milliseconds>(settings_.hang_timeout);
  condition_.status = Status::Hung;
  condition_.detail = fmt::format("no answer on the stats socket for {} ms", timeout.count());
  if (condition_.worker_pid != 0) {
    condition_.detail += fmt::format(" (worker {})", condition_.worker_pid);
  }
  master_.hurry(now);
}

}  // namespace haguard::proxy
