#include "supervisor/checks.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

namespace haguard::supervisor {
namespace {

std::vector<std::size_t> probed_checks(const conf::Config& config) {
  std::vector<std::size_t> probed;
  for (std::size_t i = 0; i < config.checks.size(); ++i) {
    if (config.checks[i].type != conf::CheckType::Haproxy) {
      probed.push_back(i);
    }
  }
  return probed;
}

std::vector<health::Schedule::Timing> timings(const conf::Config& config,
                                              const std::vector<std::size_t>& probed) {
  std::vector<health::Schedule::Timing> timings;
  timings.reserve(probed.size());
  for (const std::size_t check : probed) {
    timings.push_back({config.checks[check].interval, config.checks[check].timeout});
  }
  return timings;
}

std::optional<proxy::Monitor> make_monitor(const conf::Config& config) {
  if (config.haproxy.mode == conf::HaproxyMode::None) {
    return std::nullopt;
  }
  return proxy::Monitor(config.haproxy, backends_asked_for(config));
}

const proxy::ProxyRow* find(const std::vector<proxy::ProxyRow>& proxies, bool frontend,
                            const std::string& name) {
  const auto row = std::ranges::find_if(proxies, [&](const proxy::ProxyRow& candidate) {
    return candidate.frontend == frontend && candidate.name == name;
  });
  return row == proxies.end() ? nullptr : &*row;
}

using Warnings = std::map<proxy::Warning, std::string>;

/// What has begun and what has ended; a detail that changes is no news.
void tell_warnings(const Warnings& before, const Warnings& now, Output& out) {
  for (const auto& [what, detail] : now) {
    if (!before.contains(what)) {
      out.notices.emplace_back(HaproxyWarned{what, detail});
    }
  }
  for (const auto& [what, detail] : before) {
    if (!now.contains(what)) {
      out.notices.emplace_back(HaproxyWarned{what, std::nullopt});
    }
  }
}

bool is_open(const proxy::ProxyRow& row) {
  return row.frontend && row.status == "OPEN";
}

Duration until_next_look(health::Change change, bool passed, Duration interval) {
  if (change != health::Change::Pending) {
    return interval;
  }
  return passed ? health::confirm_interval(interval) : health::edge_interval(interval);
}

/// Empty when it runs.
std::string flaw_of(const LinkChanged& link) {
  if (link.present && link.running) {
    return {};
  }
  return fmt::format("interface {} is {}", link.interface, link.present ? "down" : "missing");
}

}  // namespace

std::string missing(const conf::HaproxyExpectation& expectation,
                    const std::vector<proxy::ProxyRow>& proxies) {
  for (const std::string& name : expectation.frontends) {
    const auto* row = find(proxies, true, name);
    if (row == nullptr || !is_open(*row)) {
      return row == nullptr ? fmt::format("no frontend {}", name)
                            : fmt::format("frontend {} is {}", name, row->status);
    }
  }
  if (expectation.frontends.empty() && std::ranges::none_of(proxies, is_open)) {
    return "no frontend is OPEN";
  }
  for (const auto& [name, servers] : expectation.backends) {
    const auto* row = find(proxies, false, name);
    if (row == nullptr) {
      return fmt::format("no backend {}", name);
    }
    if (row->usable_servers < servers) {
      return fmt::format("backend {} has {} of {} servers", name, row->usable_servers, servers);
    }
  }
  return {};
}

Checks::Checks(const conf::Config& config, Instant now)
    : config_(&config),
      probed_(probed_checks(config)),
      schedule_(timings(config, probed_), now),
      monitor_(make_monitor(config)) {
  for (const conf::Check& check : config.checks) {
    entries_.push_back(
        {next_id_++, health::Verdict(check.rise, check.fall), {}, now, now, now, {}});
    entries_.back().history.changed(health::Status::Pending, now);
  }
}

const conf::Check* Checks::settings(CheckId id) const {
  const auto entry = std::ranges::find(entries_, id, &Entry::id);
  return entry == entries_.end() ? nullptr
                                 : &config_->checks[static_cast<Place>(entry - entries_.begin())];
}

/// Runs one call of the monitor, passes its questions on and tells the checks what it found.
template <typename Call>
void Checks::with_monitor(Call&& call, Instant now, Output& out) {
  if (!monitor_) {
    return;
  }
  const proxy::Condition& condition = monitor_->condition();
  const proxy::Status status = condition.status;
  const int worker = condition.worker_pid;
  const std::uint64_t rounds = condition.rounds;
  const std::uint64_t former_gone = condition.former_gone;
  const auto warnings = condition.warnings;
  std::vector<proxy::Action> actions;
  call(*monitor_, actions);
  for (proxy::Action& action : actions) {
    out.actions.emplace_back(std::move(action));
  }
  if (condition.status != status || condition.worker_pid != worker) {
    out.notices.emplace_back(HaproxyChanged{status, worker, condition});
  }
  tell_warnings(warnings, condition.warnings, out);
  if (condition.former_gone != former_gone) {
    out.notices.emplace_back(FormerWorkerGone{condition.former_obituary});
  }
  if (condition.status != proxy::Status::Running) {
    condition_failed(condition, condition.detail, now, out);
  } else if (condition.hung_former != 0) {
    condition_failed(condition,
                     fmt::format("worker {0} hung and has not ended, it may still take "
                                 "connections: `kill -KILL {0}` ends that",
                                 condition.hung_former),
                     now, out);
  } else if (condition.rounds != rounds) {
    round_completed(condition, now, out);
  }
}

void Checks::start(Instant now, Output& out) {
  with_monitor([&](auto& monitor, auto& actions) { monitor.start(now, actions); }, now, out);
}

void Checks::haproxy(const proxy::Event& event, Instant now, Output& out) {
  with_monitor([&](auto& monitor, auto& actions) { monitor.handle(event, now, actions); }, now,
               out);
}

/// Dead, hung, stopping: facts that need no second look.
void Checks::condition_failed(const proxy::Condition& condition, const std::string& why,
                              Instant now, Output& out) {
  if (condition.status == proxy::Status::Unknown) {
    return;
  }
  for (Place check = 0; check < entries_.size(); ++check) {
    if (config_->checks[check].type == conf::CheckType::Haproxy) {
      entries_[check].next_round = now;
      fail_at_once(check, why, now, out);
    }
  }
}

void Checks::fail_at_once(Place check, const std::string& detail, Instant now, Output& out) {
  Entry& entry = entries_[check];
  explain(entry, detail);
  const health::Status from = entry.verdict.status();
  if (entry.verdict.fail_at_once() == health::Change::Changed) {
    told(check, from, 0, now, out);
  }
}

void Checks::link(const LinkChanged& link, Instant now, Output& out) {
  for (Place check = 0; check < entries_.size(); ++check) {
    const conf::Check& settings = config_->checks[check];
    if (settings.type != conf::CheckType::Interface || settings.interface != link.interface) {
      continue;
    }
    const std::string flaw = flaw_of(link);
    entries_[check].link_flaw = flaw;
    if (!flaw.empty()) {
      fail_at_once(check, flaw, now, out);
    }
  }
}

/// In place of a probe. Until the link is known it is asked for again soon.
void Checks::look_at_link(std::size_t index, Instant now, Output& out) {
  const Place check = probed_[index];
  const auto& flaw = entries_[check].link_flaw;
  auto change = health::Change::Pending;
  if (flaw) {
    // One that is down has failed when that was told.
    change = flaw->empty() ? record(check, true, {}, now, out) : health::Change::Unchanged;
  }
  schedule_.finished(index, change == health::Change::Pending, now);
}

void Checks::round_completed(const proxy::Condition& condition, Instant now, Output& out) {
  for (Place check = 0; check < entries_.size(); ++check) {
    const conf::Check& settings = config_->checks[check];
    if (settings.type != conf::CheckType::Haproxy || now < entries_[check].next_round) {
      continue;
    }
    const bool asks = !settings.haproxy.frontends.empty() || !settings.haproxy.backends.empty();
    if (condition.blind && asks) {
      continue;  // nothing new is known of them
    }
    const std::string lack =
        condition.blind ? std::string() : missing(settings.haproxy, condition.proxies);
    if (is_forgiven(check, lack.empty(), now)) {
      continue;
    }
    const auto change = record(check, lack.empty(), lack, now, out);
    entries_[check].next_round = now + until_next_look(change, lack.empty(), settings.interval);
  }
}

void Checks::finished(const ProbeFinished& result, Instant now, Output& out) {
  const auto probe =
      std::ranges::find(probed_, result.check, [this](Place check) { return entries_[check].id; });
  const auto index = static_cast<std::size_t>(probe - probed_.begin());
  if (probe == probed_.end() || !schedule_.running(index)) {
    return;  // came too late: counted as a timeout
  }
  out.notices.emplace_back(ProbeTimed{result.check, now - entries_[*probe].probe_started});
  if (is_forgiven(*probe, result.passed, now)) {
    schedule_.finished(index, false, now);
    return;
  }
  const auto change = record(*probe, result.passed, result.detail, now, out);
  schedule_.finished(index, change == health::Change::Pending, now);
}

void Checks::advance(Instant now, Output& out) {
  for (const std::size_t index : schedule_.expired(now)) {
    const Place check = probed_[index];
    const CheckId id = entries_[check].id;
    out.actions.emplace_back(CancelProbe{id});
    const auto limit =
        std::chrono::duration_cast<std::chrono::milliseconds>(config_->checks[check].timeout);
    finished({id, false, fmt::format("no answer within {} ms", limit.count())}, now, out);
  }
  for (const std::size_t index : schedule_.start_due(now)) {
    const Place check = probed_[index];
    if (config_->checks[check].type == conf::CheckType::Interface) {
      look_at_link(index, now, out);
    } else {
      entries_[check].probe_started = now;
      out.actions.emplace_back(StartProbe{entries_[check].id});
    }
  }
  with_monitor([&](auto& monitor, auto& actions) { monitor.advance(now, actions); }, now, out);
}

void Checks::be_patient(Instant until) {
  patient_until_ = until;
  if (monitor_) {
    monitor_->be_patient(until);
  }
}

/// A bad result of a check that talks with HAProxy, while it reloads.
bool Checks::is_forgiven(Place check, bool passed, Instant now) const {
  switch (config_->checks[check].type) {
    case conf::CheckType::Interface:
    case conf::CheckType::Gateway:
    case conf::CheckType::File:
      return false;
    case conf::CheckType::Tcp:
    case conf::CheckType::Http:
    case conf::CheckType::Haproxy:
    case conf::CheckType::Exec:
      break;
  }
  return !passed && now < patient_until_;
}

void Checks::look_again(Instant now, Output& out) {
  with_monitor([&](auto& monitor, auto& actions) { monitor.look_again(now, actions); }, now, out);
}

bool Checks::knock_once(Instant now, Output& out) {
  bool begun = false;
  with_monitor([&](auto& monitor, auto& actions) { begun = monitor.knock_once(now, actions); }, now,
               out);
  return begun;
}

Instant Checks::next_deadline() const {
  const Instant probes = schedule_.next_deadline();
  return monitor_ ? std::min(probes, monitor_->next_deadline()) : probes;
}

health::Change Checks::record(Place check, bool passed, const std::string& detail, Instant now,
                              Output& out) {
  Entry& entry = entries_[check];
  const health::Status from = entry.verdict.status();
  const auto change = entry.verdict.record(passed);
  if (!passed) {
    explain(entry, detail);
  } else if (entry.verdict.status() == health::Status::Passing) {
    entry.detail.clear();
  }
  if (change == health::Change::Changed) {
    told(check, from, entry.verdict.needed(passed), now, out);
  }
  return change;
}

void Checks::explain(Entry& entry, const std::string& detail) {
  changed_ =
      changed_ || (entry.verdict.status() == health::Status::Failing && entry.detail != detail);
  entry.detail = detail;
}

void Checks::told(Place check, health::Status from, unsigned run, Instant now, Output& out) {
  Entry& entry = entries_[check];
  entry.since = now;
  entry.history.changed(entry.verdict.status(), now);
  changed_ = true;
  out.notices.emplace_back(
      CheckChanged{entry.id, from, entry.verdict.status(), run, run, entry.detail});
  if (from == health::Status::Pending) {
    return;
  }
  if (const auto hold = entry.flapping.changed(now)) {
    out.notices.emplace_back(HeldDown{entry.id, 0, entry.flapping.changes(), *hold});
  }
}

health::HoldDown Checks::hold_down(const conf::Instance& instance) const {
  health::HoldDown longest;
  for (Place check = 0; check < entries_.size(); ++check) {
    const health::Flapping& flapping = entries_[check].flapping;
    if (conf::counts_for(instance, config_->checks[check]) &&
        flapping.held_until() > longest.until) {
      longest = flapping.hold_down("check " + config_->checks[check].name);
    }
  }
  return longest;
}

std::vector<health::Standing> Checks::standings(const conf::Instance& instance) const {
  std::vector<health::Standing> standings;
  for (Place check = 0; check < entries_.size(); ++check) {
    const conf::Check& settings = config_->checks[check];
    const bool waited_for =
        !entries_[check].excused || entries_[check].verdict.status() != health::Status::Pending;
    if (!conf::counts_for(instance, settings) || !waited_for) {
      continue;
    }
    standings.push_back(
        {settings.name, settings.weight, entries_[check].verdict.status(), entries_[check].detail});
  }
  return standings;
}

}  // namespace haguard::supervisor
