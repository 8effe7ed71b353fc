#include "proxy-bridge/runner.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "proxy-bridge/check_output.h"

namespace haguard::proxy {
namespace {

using conf::LogLevel;
using namespace std::chrono_literals;

/// Of what was said last; the alerts of a refused start are the end of it.
constexpr std::size_t kMostSaid = 8192;

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

/// As HAProxy marks them at the start of a line: "[ALERT]    (5715) : ...".
LogLevel level_of(std::string_view line) {
  if (line.starts_with("[ALERT]") || line.starts_with("[EMERG]")) {
    return LogLevel::Error;
  }
  return line.starts_with("[WARNING]") ? LogLevel::Warning : LogLevel::Info;
}

std::string_view to_string(StopSignal signal) {
  switch (signal) {
    case StopSignal::Soft:
      return "SIGUSR1";
    case StopSignal::Term:
      return "SIGTERM";
    case StopSignal::Kill:
      break;
  }
  return "SIGKILL";
}

}  // namespace

void Runner::start(RunOutput& out) {
  state_ = State::Looking;
  out.actions.emplace_back(LookForMaster{});
}

void Runner::handle(const RunEvent& event, Instant now, RunOutput& out) {
  if (const auto* answer = std::get_if<MasterFound>(&event)) {
    found(answer->pid, now, out);
  } else if (const auto* answered = std::get_if<MasterLaunched>(&event)) {
    launched(*answered, now, out);
  } else if (const auto* end = std::get_if<MasterEnded>(&event)) {
    ended(end->how, now, out);
  } else if (const auto* print = std::get_if<MasterPrinted>(&event)) {
    printed(print->line, now, out);
  }
}

void Runner::found(std::optional<int> pid, Instant now, RunOutput& out) {
  if (state_ != State::Looking) {
    return;
  }
  if (pid) {
    adopted_ = true;
    out.actions.emplace_back(FollowMaster{*pid});
    out.news.push_back({LogLevel::Info, fmt::format("master {} runs already: adopted", *pid)});
    run(*pid, now);
  } else if (stop_wanted_) {
    state_ = State::Stopped;
    return;
  } else {
    adopted_ = false;
    said_.clear();
    state_ = State::Launching;
    out.actions.emplace_back(LaunchMaster{});
  }
  if (stop_wanted_ && state_ == State::Running) {
    begin_stop(now, out);
  }
}

void Runner::launched(const MasterLaunched& launched, Instant now, RunOutput& out) {
  if (state_ != State::Launching) {
    return;
  }
  if (!launched.error.empty()) {
    started_ = now;
    pause("cannot be started: " + launched.error, now, out);
    return;
  }
  run(launched.pid, now);
  out.news.push_back(
      {LogLevel::Info, fmt::format("started, master {}", launched.pid), RunNews::Kind::Started});
  if (stop_wanted_) {
    begin_stop(now, out);
  }
}

void Runner::run(int pid, Instant now) {
  state_ = State::Running;
  pid_ = pid;
  served_ = false;
  started_ = now;
  due_ = kNever;
  why_.clear();
}

void Runner::observe(const Condition& condition) {
  if (state_ == State::Running && condition.status == Status::Running &&
      condition.master_pid == pid_) {
    served_ = true;
  }
}

void Runner::ended(const std::string& how, Instant now, RunOutput& out) {
  const std::string end = how.empty() ? "ended" : how;
  if (state_ == State::Stopping) {
    be_stopped(LogLevel::Info, fmt::format("stopped: master {} {}", pid_, end), out);
    return;
  }
  if (state_ != State::Running) {
    return;
  }
  const Duration lived = now - started_;
  if (lived >= kSettled) {
    pause_ = kShortestPause;
  }
  out.files_refused = !adopted_ && !served_ && lived < kRefusal;
  const std::string alerts = alerts_of(said_);
  pause(end + (alerts.empty() ? "" : ": " + alerts), now, out);
}

void Runner::pause(std::string why, Instant now, RunOutput& out) {
  pid_ = 0;
  why_ = std::move(why);
  if (stop_wanted_) {
    be_stopped(LogLevel::Info, "not running: " + why_, out);
    return;
  }
  state_ = State::Pausing;
  due_ = now + pause_;
  out.news.push_back(
      {LogLevel::Error, fmt::format("{}; starting again in {:.1f} s", why_, seconds(pause_))});
  pause_ = std::min(pause_ * 2, kLongestPause);
}

void Runner::files_restored(Instant now) {
  if (state_ == State::Pausing) {
    due_ = now;
  }
}

void Runner::printed(const std::string& line, Instant now, RunOutput& out) {
  said_ += line + "\n";
  if (said_.size() > kMostSaid) {
    said_.erase(0, said_.size() - kMostSaid);
  }
  if (now - second_ >= 1s) {
    if (lines_ > kMostLines) {
      out.news.push_back({LogLevel::Warning, fmt::format("{} lines of its output were left out",
                                                         lines_ - kMostLines)});
    }
    second_ = now;
    lines_ = 0;
  }
  if (++lines_ <= kMostLines) {
    out.news.push_back({level_of(line), "| " + line, RunNews::Kind::Printed});
  }
}

void Runner::advance(Instant now, RunOutput& out) {
  if (now < due_) {
    return;
  }
  due_ = kNever;
  if (state_ == State::Pausing) {
    start(out);
  } else if (state_ == State::Stopping && sent_ == StopSignal::Kill) {
    be_stopped(LogLevel::Error,
               fmt::format("master {} does not even obey SIGKILL: left behind", pid_), out);
  } else if (state_ == State::Stopping) {
    signal(sent_ == StopSignal::Soft ? StopSignal::Term : StopSignal::Kill, now, out);
  }
}

Instant Runner::next_deadline() const {
  return due_;
}

// ---- the end

void Runner::stop(Instant now, RunOutput& out) {
  if (std::exchange(stop_wanted_, true)) {
    return;
  }
  if (state_ == State::Running) {
    begin_stop(now, out);
  } else if (state_ == State::Pausing) {
    state_ = State::Stopped;
    due_ = kNever;
  }
}

void Runner::begin_stop(Instant now, RunOutput& out) {
  state_ = State::Stopping;
  const bool soft = !hurried_ && drain_timeout_ > Duration::zero();
  signal(soft ? StopSignal::Soft : StopSignal::Term, now, out);
}

void Runner::hurry(Instant now, RunOutput& out) {
  hurried_ = true;
  if (state_ == State::Stopping && sent_ == StopSignal::Soft) {
    signal(StopSignal::Term, now, out);
  }
}

void Runner::signal(StopSignal signal, Instant now, RunOutput& out) {
  sent_ = signal;
  const Duration patience = signal == StopSignal::Soft   ? drain_timeout_
                            : signal == StopSignal::Term ? kTermPatience
                                                         : kKillPatience;
  due_ = now + patience;
  out.actions.emplace_back(SignalMaster{signal});
  out.news.push_back({signal == StopSignal::Kill ? LogLevel::Warning : LogLevel::Info,
                      fmt::format("{} to master {}", to_string(signal), pid_)});
}

void Runner::be_stopped(LogLevel level, std::string text, RunOutput& out) {
  state_ = State::Stopped;
  due_ = kNever;
  out.news.push_back({level, std::move(text)});
}

std::string Runner::detail(Instant now) const {
  if (state_ != State::Pausing) {
    return why_;
  }
  return fmt::format("{}; starting again in {:.1f} s", why_,
                     seconds(std::max(due_ - now, Duration::zero())));
}

}  // namespace haguard::proxy
