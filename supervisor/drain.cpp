#include "supervisor/drain.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace haguard::supervisor {
namespace {

/// When the number of connections has not fallen for so long, those that are left are here to stay.
constexpr Duration kStandstill = std::chrono::seconds(2);

std::string seconds(Duration duration) {
  return fmt::format("{:.3f} s", std::chrono::duration<double>(duration).count());
}

/// Nothing when HAProxy does not say.
std::optional<unsigned> connections(const proxy::Condition* haproxy) {
  if (haproxy == nullptr || haproxy->status != proxy::Status::Running || haproxy->blind) {
    return std::nullopt;
  }
  unsigned sum = 0;
  for (const proxy::ProxyRow& row : haproxy->proxies) {
    sum += row.frontend ? row.current_sessions : 0;
  }
  return sum;
}

std::string connections_text(unsigned count) {
  return fmt::format("{} connection{}", count, count == 1 ? "" : "s");
}

std::string list(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) {
    text += (text.empty() ? "" : ", ") + item;
  }
  return text;
}

}  // namespace

Drain::Drain(Duration timeout, const SavedMode& saved, Instant now)
    : configured_timeout_(timeout), since_(now - saved.age) {
  switch (saved.mode) {
    case Mode::Normal:
      since_ = now;
      break;
    case Mode::Draining:
      // It got no further than the gate, which may be closed now.
      phase_ = Phase::Opening;
      since_ = now;
      gate_.want(false);
      break;
    case Mode::Drained:
      phase_ = Phase::Drained;
      mode_ = Mode::Drained;
      gate_.want(true);
      break;
  }
}

void Drain::start(Output& out) {
  if (phase_ == Phase::Opening) {
    out.actions.emplace_back(SaveMode{Mode::Normal});
  } else if (mode_ == Mode::Drained) {
    out.notices.emplace_back(DrainChanged{mode_, "still drained: `haguard undrain` ends it"});
  }
}

Order Drain::order() const {
  switch (phase_) {
    case Phase::HandingOver:
      return force_ ? Order::StayOut : Order::HandOver;
    case Phase::Drained:
      return Order::StayOut;
    case Phase::Normal:
    case Phase::Closing:
    case Phase::Waiting:
    case Phase::Opening:
      break;
  }
  return Order::Serve;
}

void Drain::request(const DrainRequested& request, Instant now, Output& out) {
  if (mode_ == Mode::Drained) {
    out.notices.emplace_back(RequestDone{request.request, true, "already drained", {}});
    return;
  }
  if (mode_ == Mode::Draining) {
    requests_.push_back(request.request);
    force_ = force_ || (request.force && phase_ != Phase::HandingOver);
    timeout_ = request.timeout.value_or(timeout_);
    return;
  }
  begin(request, now, out);
}

void Drain::begin(const DrainRequested& request, Instant now, Output& out) {
  finish(verdict_, out);  // of an undrain that still waits for the gate
  requests_ = {request.request};
  force_ = request.force;
  timeout_ = request.timeout.value_or(configured_timeout_);
  step_began_ = now;
  gate_.want(true);
  phase_ = Phase::Closing;
  enter(Mode::Draining, "requested", now, out);
}

void Drain::request(const UndrainRequested& request, Instant now, Output& out) {
  if (mode_ == Mode::Normal) {
    out.notices.emplace_back(RequestDone{request.request, true, "not drained", {}});
    return;
  }
  finish({false, "cancelled by undrain"}, out);
  requests_ = {request.request};
  step_began_ = now;
  enter(Mode::Normal, "ended by undrain", now, out);
  open_gate({true, "takes part in the election again"});
}

void Drain::stop(Output& out) {
  finish({false, "the daemon is told to stop"}, out);
}

bool Drain::advance(const Scene& scene, Instant now, Output& out) {
  gate_.tend(scene.haproxy, now, out);
  const Order before = order();
  if (phase_ == Phase::Closing && !gate_.asking()) {
    gate_closed(scene, now, out);
  }
  if (phase_ == Phase::Waiting && exodus_over(scene.haproxy, now)) {
    end_exodus(now);
    hand_over(scene, out);
  } else if (phase_ == Phase::HandingOver && ordered_) {
    conclude(scene, now, out);
  }
  ordered_ = phase_ == Phase::HandingOver;
  if (phase_ == Phase::Opening) {
    gate_.tend(scene.haproxy, now, out);
    if (!gate_.asking()) {
      gate_opened(now, out);
    }
  }
  return order() != before;
}

void Drain::gate_closed(const Scene& scene, Instant now, Output& out) {
  if (scene.haproxy == nullptr) {
    hand_over(scene, out);
    return;
  }
  const auto count = connections(scene.haproxy);
  if (gate_.as_wanted() && count) {
    step("gate", true, now, "closed");
    out.notices.emplace_back(
        DrainChanged{mode_, fmt::format("gate closed, {}", connections_text(*count))});
    exodus_ = {now, scene.haproxy->rounds, *count, *count, *count, now};
    phase_ = Phase::Waiting;
    return;
  }
  // Nothing would make the clients leave, so there is nothing to wait for.
  const std::string why = gate_.as_wanted()      ? "closed, the number of connections is not known"
                          : gate_.absent()       ? "there is none (" + gate_.flaw() + ")"
                          : gate_.flaw().empty() ? "HAProxy is not running"
                                                 : gate_.flaw();
  step("gate", gate_.as_wanted() || gate_.absent(), now, why);
  out.notices.emplace_back(DrainChanged{mode_, "gate: " + why});
  hand_over(scene, out);
}

bool Drain::exodus_over(const proxy::Condition* haproxy, Instant now) {
  const auto count = connections(haproxy);
  if (!count) {
    return true;
  }
  if (haproxy->rounds != exodus_.rounds) {
    exodus_.left = *count;
    if (*count < exodus_.least) {
      exodus_.least = *count;
      exodus_.least_at = now;
    }
    if (*count == 0) {
      return true;
    }
  }
  return now >= std::min(exodus_.least_at + kStandstill, exodus_.began + timeout_);
}

void Drain::end_exodus(Instant now) {
  step("connections", true, now,
       fmt::format("{} of {} left", exodus_.left, connections_text(exodus_.first)));
}

void Drain::hand_over(const Scene& scene, Output& out) {
  giving_up_.clear();
  for (const Router& router : scene.routers) {
    if (router.active) {
      giving_up_.push_back(router.name);
    }
  }
  // Before anything is given up: who is killed in the middle of it comes back drained.
  out.actions.emplace_back(SaveMode{Mode::Drained});
  phase_ = Phase::HandingOver;
  offer_ = !force_ && !giving_up_.empty();
}

bool Drain::was_active(const std::string& router) const {
  return std::ranges::find(giving_up_, router) != giving_up_.end();
}

void Drain::conclude(const Scene& scene, Instant now, Output& out) {
  std::vector<std::string> kept;
  std::vector<std::string> given;
  for (const Router& router : scene.routers) {
    if (router.leaving) {
      return;
    }
    if (router.active) {
      kept.push_back(router.name);
    } else if (was_active(router.name)) {
      given.push_back(fmt::format(
          "{} {}", router.name,
          router.successor ? "to " + router.successor->to_string() : std::string("to nobody")));
    }
  }
  const Duration took = now - step_began_;
  if (kept.empty()) {
    step("hand over", true, now, given.empty() ? "held no addresses" : list(given));
    phase_ = Phase::Drained;
    enter(Mode::Drained, "drained", now, out);
    finish({true, "drained"}, out);
    return;
  }
  const std::string why =
      fmt::format("nobody took over within {}: still Active ({})", seconds(took), list(kept));
  step("hand over", false, now, given.empty() ? why : fmt::format("{}; gave {}", why, list(given)));
  enter(Mode::Normal, why, now, out, true);
  open_gate({false, why});
}

void Drain::open_gate(Verdict verdict) {
  verdict_ = std::move(verdict);
  gate_.want(false);
  phase_ = Phase::Opening;
}

void Drain::gate_opened(Instant now, Output& out) {
  phase_ = Phase::Normal;
  if (gate_.as_wanted()) {
    step("gate", true, now, "open");
  } else if (!gate_.absent() && !gate_.flaw().empty()) {
    step("gate", false, now, gate_.flaw());
    verdict_.detail += fmt::format("; the gate is still closed ({})", gate_.flaw());
    verdict_.ok = false;
  }
  finish(verdict_, out);
}

void Drain::enter(Mode mode, std::string why, Instant now, Output& out, bool alarming) {
  if (mode != mode_) {
    since_ = now;
  }
  // What was written before the hand-over is true now.
  if (mode != Mode::Drained) {
    out.actions.emplace_back(SaveMode{mode});
  }
  mode_ = mode;
  out.notices.emplace_back(DrainChanged{mode, std::move(why), alarming});
}

void Drain::step(std::string name, bool ok, Instant now, std::string detail) {
  steps_.push_back({std::move(name), ok, now - std::exchange(step_began_, now), std::move(detail)});
}

void Drain::finish(const Verdict& verdict, Output& out) {
  for (const RequestId request : std::exchange(requests_, {})) {
    out.notices.emplace_back(RequestDone{request, verdict.ok, verdict.detail, steps_});
  }
  steps_.clear();
}

Instant Drain::next_deadline() const {
  Instant next = gate_.next_deadline();
  if (phase_ == Phase::Waiting) {
    next = std::min(next, std::min(exodus_.least_at + kStandstill, exodus_.began + timeout_));
  }
  return next;
}

}  // namespace haguard::supervisor
