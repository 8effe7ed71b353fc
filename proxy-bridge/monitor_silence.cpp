// The monitor's half about silence: whether HAProxy hangs, or only its stats socket.

#include <chrono>

#include <fmt/format.h>

#include "proxy-bridge/monitor.h"

namespace haguard::proxy {

void Monitor::judge_silence(Instant now, std::vector<Action>& out) {
  if (condition_.status == Status::Hung) {
    if (knocking_.spoke()) {
      return become_blind(now);
    }
    if (knocking_.due(now)) {
      knock(now, out);
    }
  }
  switch (silence_.judge(now, condition_.status == Status::Hung)) {
    case Silence::Step::Wait:
      break;
    case Silence::Step::AskWitness:
      silence_.witness_asked(now);
      lines_.ask(Line::Witness, "show info", out);
      knocking_.forget();
      knock(now, out);
      break;
    case Silence::Step::RenewHeld:
      start_over(now, out);
      break;
    case Silence::Step::Hung:
      knocking_.spoke() ? become_blind(now) : declare_hung(now);
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

// ---- the listener

void Monitor::knock(Instant now, std::vector<Action>& out) {
  if (const auto listener = knocking_.begin(now)) {
    lines_.knock(*listener, out);
  }
}

/// It serves, and that is all that is known.
void Monitor::become_blind(Instant now) {
  const auto seconds = std::chrono::duration<double>(now - silent_since_.value_or(now)).count();
  condition_.blind = true;
  condition_.status = Status::Running;
  condition_.detail.clear();
  ++condition_.rounds;
  warn(Warning::StatsSilent, true,
       fmt::format(
           "{}: no answer for {:.1f} s, but {} does: are all slots of `stats maxconn` taken?",
           settings_.admin_socket, seconds, knocking_.listener().to_string()));
}

void Monitor::judge_blindness(Instant now, std::vector<Action>& out) {
  if (knocking_.silent(now)) {
    declare_hung(now);
  } else if (knocking_.due(now)) {
    ++condition_.rounds;  // the last knock was answered
    knock(now, out);
  }
}

}  // namespace haguard::proxy
