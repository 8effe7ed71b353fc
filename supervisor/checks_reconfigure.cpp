// Checks::reconfigure: the checks of a new configuration go on where those of the old one were.

#include <algorithm>

#include "supervisor/checks.h"

namespace haguard::supervisor {
namespace {

/// What is asked and how, as opposed to what the answer is worth.
bool asks_the_same(conf::Check one, const conf::Check& other) {
  one.weight = other.weight;
  return one == other;
}

}  // namespace

std::set<std::string> backends_asked_for(const conf::Config& config) {
  std::set<std::string> backends;
  for (const conf::Check& check : config.checks) {
    for (const auto& [name, servers] : check.haproxy.backends) {
      backends.insert(name);
    }
  }
  return backends;
}

void Checks::reconfigure(const conf::Config& config, Instant now, Output& out) {
  Checks next(config, now);
  next.next_id_ = next_id_;
  for (Place check = 0; check < config.checks.size(); ++check) {
    next.carry_on(check, *this, now);
  }
  next.keep_timers(*this);
  for (Place probe = 0; probe < probed_.size(); ++probe) {
    const CheckId id = entries_[probed_[probe]].id;
    const auto kept =
        std::ranges::find(next.probed_, id, [&](Place check) { return next.entries_[check].id; });
    const bool runs_on =
        kept != next.probed_.end() &&
        next.schedule_.running(static_cast<std::size_t>(kept - next.probed_.begin()));
    if (schedule_.running(probe) && !runs_on) {
      out.actions.emplace_back(CancelProbe{id});
    }
  }
  config_ = &config;
  next_id_ = next.next_id_;
  entries_ = std::move(next.entries_);
  probed_ = std::move(next.probed_);
  schedule_ = std::move(next.schedule_);
  changed_ = true;
  if (monitor_) {
    monitor_->ask_for(backends_asked_for(config));
  }
}

/// One that is new is as it was made, but excused.
void Checks::carry_on(Place place, const Checks& former, Instant now) {
  const conf::Check& check = config_->checks[place];
  Entry& entry = entries_[place];
  const auto settings = std::ranges::find(former.config_->checks, check.name, &conf::Check::name);
  if (settings == former.config_->checks.end()) {
    entry.id = next_id_++;
    entry.excused = true;
    return;
  }
  entry = former.entries_[static_cast<Place>(settings - former.config_->checks.begin())];
  if (!asks_the_same(*settings, check)) {
    entry.verdict = health::Verdict(check.rise, check.fall, entry.verdict.status());
    entry.link_flaw.reset();
    // An answer to a question of before may lack what is expected now.
    entry.next_round = now + config_->haproxy.hang_timeout;
  }
}

/// Of the checks that are probed as they were.
void Checks::keep_timers(const Checks& former) {
  for (std::size_t probe = 0; probe < probed_.size(); ++probe) {
    const CheckId id = entries_[probed_[probe]].id;
    const auto before = std::ranges::find(former.probed_, id,
                                          [&](Place check) { return former.entries_[check].id; });
    if (before != former.probed_.end() &&
        asks_the_same(former.config_->checks[*before], config_->checks[probed_[probe]])) {
      schedule_.go_on(probe, former.schedule_,
                      static_cast<std::size_t>(before - former.probed_.begin()));
    }
  }
}

}  // namespace haguard::supervisor
