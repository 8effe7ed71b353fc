// The monitor's half about the master and the processes: who lives, who has died, who follows.

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "proxy-bridge/monitor.h"

namespace haguard::proxy {
namespace {

using namespace std::chrono_literals;

/// A successor that was ready when its predecessor ended answers in a millisecond.
constexpr Duration kSuccessorTimeout = 50ms;
/// The list of processes while it is expected to change.
constexpr Duration kMasterSoon = 1s;

}  // namespace

void Monitor::master_answered(const std::string& text, Instant now, std::vector<Action>& out) {
  const std::optional<ProcessList> list = master_.answered(text, now);
  if (!list) {
    return;
  }
  const auto other = [this](const Process& process) {
    return process.pid != condition_.worker_pid;
  };
  const bool new_master = condition_.master_pid != list->master.pid;
  condition_.master_pid = list->master.pid;
  if (new_master) {
    out.emplace_back(FindListeners{condition_.master_pid});
  }
  condition_.processes = *list;
  ++condition_.lists;
  warn(Warning::MasterSilent, false);
  warn(Warning::ReloadFailed, list->failed_reloads > 0,
       "the last reload failed, the worker goes on with the configuration before it");
  // After a failed reload, 3.1 and later list the worker that serves under the old ones.
  condition_.old_workers = static_cast<unsigned>(std::ranges::count_if(list->old_workers, other));
  for (const Process& process : list->old_workers) {
    if (other(process)) {
      watches_.add_former(process.pid);
    }
  }
  judge_old_workers(*list);
  hold_presence(out);
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
  if (auto former = watches_.former_gone(gone)) {
    ++condition_.former_gone;
    condition_.hung_former = gone.pid == condition_.hung_former ? 0 : condition_.hung_former;
    condition_.former_obituary = *std::move(former);
    return;
  }
  const bool worker = gone.pid == condition_.worker_pid;
  const std::string told = watches_.cause();
  if (!watches_.gone(worker ? "worker" : "master", gone)) {
    return;
  }
  worker ? worker_gone(now, out) : master_gone(now, out);
  if (!told.empty() && condition_.detail == told) {
    condition_.detail = watches_.cause();
    condition_.orderly_end = watches_.was_orderly();
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
  condition_.processes.reset();
  if (condition_.status == Status::Dead) {
    return;
  }
  // Its worker ends within milliseconds; what it says until then does not count.
  condition_.worker_pid = 0;
  condition_.old_workers = 0;
  condition_.hung_former = 0;
  hang_up_witness(out);
  silence_.held_ended();
  lines_.hang_up(Line::Held, out);
  update_watches(out);
  declare_dead(watches_.cause(), now);
}

/// The silence of the master is no outage: its worker serves without it.
void Monitor::judge_master(Instant now) {
  if (now >= master_.silence_deadline()) {
    warn(Warning::MasterSilent, true,
         fmt::format(
             "{}: no answer for {} s", settings_.master_socket,
             std::chrono::duration_cast<std::chrono::seconds>(MasterList::kPatience).count()));
    master_.told();
  }
}

void Monitor::update_watches(std::vector<Action>& out) {
  watches_.update(condition_.master_pid, condition_.worker_pid, out);
}

}  // namespace haguard::proxy
