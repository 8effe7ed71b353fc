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
constexpr Duration kPatientRetry = 20ms;
/// To the second question to one who is back: a check waits for the answer.
constexpr Duration kConfirm = 50ms;
/// Between two looks at the stats socket. Each wakes the daemon, which costs more than the look.
constexpr Duration kLook = 20ms;

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
    : settings_(std::move(settings)),
      question_(backends),
      silence_(settings_.hang_timeout),
      knocking_(settings_.hang_timeout) {}

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
      case Line::Listener:
        return knocking_.answered(now);
      case Line::Presence:
        return presence_ended(Failure::Closed, now);
      case Line::Reload:
      case Line::Gate:
      case Line::Door:
        return;
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
      case Line::Listener:
        return knocking_.failed(now);
      case Line::Presence:
        return presence_ended(failure.failure, now);
      case Line::Door:
        return door_closed(now, out);
      case Line::Reload:
      case Line::Gate:
        return;
    }
  };
  std::visit(
      Overloaded{answered, failed, [&](const PidFileRead& read) { pid_file_read(read.pid, out); },
                 [&](const ProcessGone& gone) { process_gone(gone, now, out); },
                 [&](const ListenersFound& found) {
                   knocking_.found(found.listeners);
                   hard_stop_after_ = found.hard_stop_after;
                 }},
      event);
  judge_knock(now);
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
    } else if (now >= door_at_) {
      look_at_door(now, out);
    }
  } else if (condition_.blind) {
    judge_blindness(now, out);
  } else if (silence_matters() && (condition_.status == Status::Hung || !is_patient(now))) {
    judge_silence(now, out);
  }
  judge_knock(now);
  judge_master(now);
  if (master_.take_due(now)) {
    lines_.ask(Line::Master, "show proc;quit", out);
  }
}

Instant Monitor::next_deadline() const {
  Instant next = std::min(master_.next_deadline(), unintelligible_deadline());
  next = std::min(next, gone_deadline_.value_or(kNever));
  next = std::min(next, proving_ ? knocking_.next_deadline() : kNever);
  if (!silence_.held()) {
    return std::min({next, ask_at_, door_at_});
  }
  if (condition_.blind) {
    return std::min(next, knocking_.next_deadline());
  }
  const bool hung = condition_.status == Status::Hung;
  if (hung) {
    next = std::min(next, knocking_.next_knock());
  }
  const Instant verdict =
      hung ? silence_.deadline(true) : std::max(silence_.deadline(false), patient_until_);
  return silence_matters() ? std::min(next, verdict) : next;
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
  const bool back = condition_.status != Status::Running && condition_.status != Status::Unknown;
  const bool news = condition_.status != Status::Running || condition_.worker_pid != round.info.pid;
  if (condition_.worker_pid != round.info.pid) {
    watches_.add_former(condition_.worker_pid);
    if (condition_.status == Status::Hung && watches_.is_former(condition_.worker_pid)) {
      condition_.hung_former = condition_.worker_pid;
    }
  }
  condition_.status = Status::Running;
  condition_.detail.clear();
  condition_.version = std::move(round.info.version);
  condition_.worker_pid = round.info.pid;
  condition_.worker_started = round.info.started;
  condition_.proxies = std::move(round.proxies);
  condition_.blind = false;
  ++condition_.rounds;
  note_load(round.info);
  warn(Warning::StatsSilent, false);
  if (condition_.master_pid == condition_.worker_pid) {
    condition_.master_pid = 0;  // the pid file of a HAProxy that runs without a master
  }
  silence_.broken();
  silent_since_.reset();
  garbled_ = false;
  doubt_ = false;
  told_to_stop_ = false;
  attempts_ = 0;
  gone_deadline_.reset();
  watches_.recovered();
  tried_worker_ = 0;
  update_watches(out);
  const Duration interval = ask_interval(settings_.hang_timeout);
  ask_at_ = std::max(now, asked + (back ? std::min(interval, kConfirm) : interval));
  // One that lives behind a closed door, somebody else has bound its path, is asked twice as often
  // as others and not more.
  door_at_ = std::exchange(door_closed_, false) ? kNever : now + kLook;
  if (news) {
    master_.refresh(now);
    out.emplace_back(FindListeners{condition_.master_pid});
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
    told_to_stop_ = true;
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
    if (told_to_stop_ && failure == Failure::Refused && nobody_follows()) {
      attempts_ = kQuickRetries;  // there is no successor to wait for
    }
    attempt_failed(to_string(failure), now);
  }
}

/// A fresh connection brought nothing, or only a worker that is stopping.
void Monitor::attempt_failed(std::string_view why, Instant now) {
  const bool alive = watches_.contains(condition_.worker_pid);
  if (condition_.status == Status::Stopping && alive) {
    ask_at_ = now + kRetry;
  } else if (was_serving() && alive && is_patient(now)) {
    ask_at_ = now + kPatientRetry;
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
  door_at_ = kNever;
  silence_.held_asked(now);
  if (!silent_since_) {
    silent_since_ = now;
  }
  if (next_question_) {
    question_ = *std::exchange(next_question_, std::nullopt);
  }
  lines_.ask(Line::Held, question_.command(), out);
}

void Monitor::look_at_door(Instant now, std::vector<Action>& out) {
  door_at_ = now + kLook;
  lines_.ask(Line::Door, "", out);
}

/// No verdict: whoever is behind it still has a connection to us, and knows better.
void Monitor::door_closed(Instant now, std::vector<Action>& out) {
  if (door_at_ != kNever) {
    door_closed_ = true;
    ask_held(now, out);
  }
}

void Monitor::start_over(Instant now, std::vector<Action>& out) {
  hang_up_witness(out);
  lines_.hang_up(Line::Held, out);
  ask_held(now, out);
}

// ---- verdicts

void Monitor::warn(Warning warning, bool on, std::string detail) {
  if (!on) {
    condition_.warnings.erase(warning);
  } else {
    condition_.warnings.insert_or_assign(warning, std::move(detail));
  }
}

/// Until a tenth is free again: at the edge it would come and go all the time.
void Monitor::note_load(const Info& info) {
  const bool full = info.max_connections > 0 && info.current_connections >= info.max_connections;
  const bool was = condition_.warnings.contains(Warning::Saturated);
  const bool still = was && info.current_connections >= info.max_connections / 10 * 9;
  if (full != was && !still) {
    warn(Warning::Saturated, full,
         fmt::format("{} of {} connections", info.current_connections, info.max_connections));
  }
}

bool Monitor::was_serving() const {
  return condition_.status == Status::Running || condition_.status == Status::Hung;
}

void Monitor::declare_dead(std::string detail, Instant now) {
  condition_.status = Status::Dead;
  condition_.blind = false;
  condition_.warnings.clear();
  condition_.detail = std::move(detail);
  condition_.orderly_end = watches_.was_orderly();
  if (watches_.is_gone(condition_.worker_pid)) {
    condition_.worker_pid = 0;
  }
  doubt_ = false;
  told_to_stop_ = false;
  attempts_ = 0;
  gone_deadline_.reset();
  garbled_ = false;
  ask_at_ = now + kRetry;
  door_at_ = kNever;
}

void Monitor::declare_stopping(Instant now) {
  condition_.status = Status::Stopping;
  condition_.blind = false;
  condition_.detail =
      fmt::format("worker {} is stopping and has no successor", condition_.worker_pid);
  doubt_ = false;
  told_to_stop_ = false;
  attempts_ = 0;
  ask_at_ = now + kRetry;
}

void Monitor::declare_hung(Instant now) {
  condition_.blind = false;
  knocking_.forget();
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
