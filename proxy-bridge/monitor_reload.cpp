// The monitor's half about reloads: who notices them, and what does not count during one.

#include <algorithm>
#include <chrono>
#include <iterator>

#include <fmt/format.h>

#include "proxy-bridge/monitor.h"

namespace haguard::proxy {
namespace {

using namespace std::chrono_literals;

constexpr unsigned kManyOldWorkers = 3;
/// Where HAProxy has no limit of its own (`hard-stop-after`).
constexpr Duration kLongLife = 24h;

/// A tenth more than HAProxy allows: it looks once in a while.
Duration longest_life(const std::optional<Duration>& hard_stop_after) {
  return hard_stop_after ? *hard_stop_after + *hard_stop_after / 10 : kLongLife;
}

}  // namespace

void Monitor::look_again(Instant now, std::vector<Action>& out) {
  master_.hurry(now);
  if (!silence_.held()) {
    ask_held(now, out);
  }
}

bool Monitor::knock_once(Instant now, std::vector<Action>& out) {
  condition_.knock_answered.reset();
  knocking_.give_up();
  const auto listener = knocking_.begin(now);
  if (listener) {
    lines_.knock(*listener, out);
  }
  proving_ = listener.has_value();
  return proving_;
}

void Monitor::judge_knock(Instant now) {
  if (!proving_) {
    return;
  }
  if (knocking_.spoke()) {
    condition_.knock_answered = true;
  } else if (knocking_.silent(now)) {
    condition_.knock_answered = false;
  }
  proving_ = !condition_.knock_answered.has_value();
}

/// Opened again after each list of the master, which shows that it listens.
void Monitor::hold_presence(std::vector<Action>& out) {
  if (!present_) {
    present_ = true;
    lines_.ask(Line::Presence, "", out);
  }
}

/// The master is not just reloading, and has started no other worker.
bool Monitor::nobody_follows() const {
  const auto is_ours = [this](const Process& process) {
    return process.pid == condition_.worker_pid;
  };
  return present_ && condition_.processes &&
         std::ranges::all_of(condition_.processes->workers, is_ours);
}

/// The master has begun to reload, or it is gone: then its pidfd tells as well.
void Monitor::presence_ended(Failure failure, Instant now) {
  present_ = false;
  if (failure == Failure::Closed) {
    ++condition_.disturbances;
    master_.refresh(now);
  }
}

void Monitor::judge_old_workers(const ProcessList& list) {
  const auto is_old = [this](const Process& process) {
    return process.pid != condition_.worker_pid;
  };
  std::vector<Process> old;
  std::ranges::copy_if(list.old_workers, std::back_inserter(old), is_old);
  const auto eldest = std::ranges::max_element(old, {}, &Process::age);
  const bool aged = eldest != old.end() && eldest->age > longest_life(hard_stop_after_);
  const bool many = old.size() > kManyOldWorkers;
  if (old.empty()) {
    return warn(Warning::OldWorkers, false);
  }
  warn(Warning::OldWorkers, many || aged,
       fmt::format("{}, the oldest (pid {}) runs for {} s: `hard-stop-after` limits that",
                   old.size(), eldest->pid, eldest->age.count()));
}

}  // namespace haguard::proxy
