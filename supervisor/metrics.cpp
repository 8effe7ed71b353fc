#include "supervisor/metrics.h"

#include <algorithm>
#include <map>
#include <set>

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "supervisor/metric_table.h"
#include "supervisor/version.h"

namespace haguard::supervisor {
namespace {

using prometheus::Counter;
using prometheus::Histogram;
using prometheus::MetricFamily;
using Values = std::vector<std::string>;  ///< of a row's labels

const Histogram::BucketBoundaries kSecondsBuckets{0.0001, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02,
                                                  0.05,   0.1,    0.25,  0.5,   1,     2.5,  5};

/// Files may be large, and HAProxy resolves names while it loads.
const Histogram::BucketBoundaries kReloadBuckets{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
                                                 1,     2.5,  5,     10,   30,  60};

constexpr std::array kStates{vrrp::State::Initialize, vrrp::State::Backup, vrrp::State::Active};
constexpr std::array kVerdicts{health::Status::Pending, health::Status::Passing,
                               health::Status::Failing};

double to_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

template <typename Enum>
constexpr std::size_t index_of(Enum value) {
  return static_cast<std::size_t>(value);
}

/// A family of the registry with the name, help and labels of its row.
template <typename T>
class Family {
 public:
  Family(prometheus::Registry& registry, Metric metric)
      : row_(row(metric)), family_(make(registry, row_)) {}

  void remove(T* metric) { family_.Remove(metric); }
  template <typename... Args>
  T* add(const Values& values, const Args&... args) {
    prometheus::Labels labels;
    for (std::size_t i = 0; i < values.size(); ++i) {
      labels[row_.labels.at(i)] = values[i];
    }
    return &family_.Add(labels, args...);
  }

 private:
  static prometheus::Family<T>& make(prometheus::Registry& registry, const MetricRow& row) {
    if constexpr (std::is_same_v<T, Counter>) {
      return prometheus::BuildCounter().Name(row.name).Help(row.help).Register(registry);
    } else {
      return prometheus::BuildHistogram().Name(row.name).Help(row.help).Register(registry);
    }
  }

  const MetricRow& row_;
  prometheus::Family<T>& family_;
};

/// One metric of a snapshot, made anew for each scrape.
class Reading {
 public:
  explicit Reading(Metric metric) : row_(row(metric)) {
    family_.name = row_.name;
    family_.help = row_.help;
    family_.type = row_.type == MetricType::Counter ? prometheus::MetricType::Counter
                                                    : prometheus::MetricType::Gauge;
  }

  void add(const Values& values, double value) {
    prometheus::ClientMetric sample;
    for (std::size_t i = 0; i < values.size(); ++i) {
      sample.label.push_back({row_.labels.at(i), values[i]});
    }
    (row_.type == MetricType::Counter ? sample.counter.value : sample.gauge.value) = value;
    family_.metric.push_back(std::move(sample));
  }
  [[nodiscard]] MetricFamily take() && { return std::move(family_); }

 private:
  const MetricRow& row_;
  MetricFamily family_;
};

MetricFamily single(Metric metric, const Values& values, double value) {
  Reading reading(metric);
  reading.add(values, value);
  return std::move(reading).take();
}

void read_routers(const Status& status, std::vector<MetricFamily>& out) {
  Reading state(Metric::State);
  Reading priority(Metric::Priority);
  Reading active(Metric::ActiveRouter);
  Reading held(Metric::AddressesHeld);
  Reading held_down(Metric::HeldDown);
  for (const RouterStatus& router : status.routers) {
    const auto& name = router.instance;
    const std::string family(vrrp::to_string(router.family));
    for (const vrrp::State each : kStates) {
      state.add({name, family, std::string(vrrp::to_string(each))}, each == router.state ? 1 : 0);
    }
    priority.add({name, family, "configured"}, router.fitness.configured);
    priority.add({name, family, "effective"}, router.fitness.effective);
    if (router.active_router) {
      active.add({name, family, router.active_router->to_string()}, 1);
    }
    held.add({name, family},
             router.holds_addresses ? static_cast<double>(router.addresses.size()) : 0);
    held_down.add({name, family}, router.held_down_until ? 1 : 0);
  }
  for (Reading* reading : {&state, &priority, &active, &held, &held_down}) {
    out.push_back(std::move(*reading).take());
  }
}

void read_haproxy(const proxy::Condition& haproxy, std::vector<MetricFamily>& out) {
  const bool up = haproxy.status == proxy::Status::Running;
  out.push_back(single(Metric::HaproxyUp, {}, up ? 1 : 0));
  out.push_back(single(Metric::HaproxyOldWorkers, {}, haproxy.old_workers));
  Reading warnings(Metric::HaproxyWarning);
  for (const proxy::Warning each : proxy::kWarnings) {
    warnings.add({std::string(proxy::to_string(each))}, haproxy.warnings.contains(each) ? 1 : 0);
  }
  out.push_back(std::move(warnings).take());
}

/// As much of it as a double holds exactly.
double hash_of(const std::string& digest) {
  constexpr std::size_t kHexDigits = 12;
  const std::string begin = digest.substr(0, kHexDigits);
  return begin.empty() ? 0 : static_cast<double>(std::stoull(begin, nullptr, 16));
}

/// Everything that a snapshot knows.
void read(const Status& status, std::vector<MetricFamily>& out) {
  out.push_back(single(Metric::BuildInfo, {kVersion}, 1));
  out.push_back(single(Metric::ConfigHash, {}, hash_of(status.config_digest)));
  out.push_back(single(Metric::Drained, {}, status.mode == to_string(Mode::Drained) ? 1 : 0));
  read_routers(status, out);
  Reading checks(Metric::CheckStatus);
  for (const CheckStatus& check : status.checks) {
    checks.add({check.name}, check.status == health::Status::Passing ? 1 : 0);
  }
  out.push_back(std::move(checks).take());
  if (status.haproxy) {
    read_haproxy(*status.haproxy, out);
  }
  if (status.reloads.in_sync) {
    out.push_back(single(Metric::HaproxyInSync, {}, *status.reloads.in_sync ? 1 : 0));
  }
}

using RejectCounters = std::array<Counter*, vrrp::kRejectCount>;

struct RouterCounters {
  Values labels;  ///< those that all of them begin with
  std::array<Counter*, kStates.size()> transitions;
  Counter* sent;
  Counter* received;
  RejectCounters rejected;
  Counter* conflicts;
  Counter* restored;
  Histogram* lateness;
  bool leaving = false;  ///< not configured any more; the last notices are on their way
};

struct CheckCounters {
  Values labels;
  std::array<Counter*, kVerdicts.size()> transitions;
  Histogram* duration;
  bool leaving = false;
};

}  // namespace

class Metrics::Impl {
 public:
  explicit Impl(const Status& first)
      : stall_(stalls_.add({}, kSecondsBuckets)),
        reload_duration_(reload_durations_.add({}, kReloadBuckets)),
        config_taken_(config_reloads_.add({"ok"})),
        config_refused_(config_reloads_.add({"refused"})) {
    follow(first);
    unknown_ = rejects({"", ""});
    for (const proxy::Result result : proxy::kResults) {
      reload_results_.at(index_of(result)) = reloads_.add({std::string(proxy::to_string(result))});
    }
    for (std::size_t i = 0; i < proxy::kReloadSteps.size(); ++i) {
      step_durations_.at(i) =
          reload_steps_.add({std::string(proxy::kReloadSteps.at(i))}, kReloadBuckets);
    }
  }

  void follow(const Status& status) {
    std::map<RouterId, RouterCounters> routers;
    for (const RouterStatus& router : status.routers) {
      routers.emplace(router.id,
                      router_counters({router.instance, std::string(to_string(router.family))}));
    }
    replace(routers_, std::move(routers));
    std::map<CheckId, CheckCounters> checks;
    for (const CheckStatus& check : status.checks) {
      checks.emplace(check.id, check_counters({check.name}));
    }
    replace(checks_, std::move(checks));
  }

  void operator()(const StateChanged& notice) {
    routers_.at(notice.router).transitions.at(index_of(notice.transition.to))->Increment();
  }
  void operator()(const AdvertisementSent& notice) {
    const RouterCounters& router = routers_.at(notice.router);
    router.sent->Increment();
    if (notice.lateness >= Duration::zero()) {
      router.lateness->Observe(to_seconds(notice.lateness));
    }
  }
  void operator()(const AdvertisementReceived& notice) {
    routers_.at(notice.router).received->Increment();
  }
  void operator()(const PacketRejected& notice) {
    const RejectCounters& counters =
        notice.router ? routers_.at(*notice.router).rejected : unknown_;
    counters.at(index_of(notice.reject))->Increment();
  }
  void operator()(const AddressConflict& notice) {
    routers_.at(notice.router).conflicts->Increment();
  }
  void operator()(const AddressesRestored& notice) {
    routers_.at(notice.router).restored->Increment(static_cast<double>(notice.addresses.size()));
  }
  void operator()(const CheckChanged& notice) {
    checks_.at(notice.check).transitions.at(index_of(notice.to))->Increment();
  }
  void operator()(const ProbeTimed& notice) {
    checks_.at(notice.check).duration->Observe(to_seconds(notice.took));
  }
  void operator()(const ReloadStepTaken& notice) {
    const auto step = std::ranges::find(proxy::kReloadSteps, notice.step.name);
    step_durations_.at(static_cast<std::size_t>(step - proxy::kReloadSteps.begin()))
        ->Observe(to_seconds(notice.step.took));
  }
  void operator()(const ReloadOver& notice) {
    reload_results_.at(index_of(notice.record.result))->Increment();
    reload_duration_->Observe(to_seconds(notice.record.took));
  }
  void operator()(const ConfigReloaded& notice) {
    (notice.ok ? config_taken_ : config_refused_)->Increment();
  }
  // Read from the snapshot, if at all.
  void operator()(const ConfigNoted& /*notice*/) {}
  void operator()(const PriorityChanged& /*notice*/) {}
  void operator()(const HeldDown& /*notice*/) {}
  void operator()(const HandedOver& /*notice*/) {}
  void operator()(const LinkNoted& /*notice*/) {}
  void operator()(const HaproxyChanged& /*notice*/) {}
  void operator()(const HaproxyWarned& /*notice*/) {}
  void operator()(const FormerWorkerGone& /*notice*/) {}
  void operator()(const AddressesRefused& /*notice*/) {}
  void operator()(const PeerDiffers& /*notice*/) {}
  void operator()(const HeldBack& /*notice*/) {}
  void operator()(const DrainChanged& /*notice*/) {}
  void operator()(const RequestDone& /*notice*/) {}
  void operator()(const FilesNoted& /*notice*/) {}
  void operator()(const HaproxyRun& /*notice*/) {}

  void loop_stall(Duration late) { stall_->Observe(to_seconds(late)); }
  [[nodiscard]] std::vector<MetricFamily> collect() const { return registry_.Collect(); }

 private:
  /// Adding what is there gives what is there.
  RouterCounters router_counters(const Values& labels) {
    RouterCounters router{labels, {}, {}, {}, {}, {}, {}, {}};
    for (const vrrp::State to : kStates) {
      router.transitions.at(index_of(to)) =
          transitions_.add(with(labels, std::string(vrrp::to_string(to))));
    }
    router.sent = sent_.add(labels);
    router.received = received_.add(labels);
    router.rejected = rejects(labels);
    router.conflicts = conflicts_.add(labels);
    router.restored = restored_.add(labels);
    router.lateness = lateness_.add(labels, kSecondsBuckets);
    return router;
  }
  RejectCounters rejects(const Values& labels) {
    RejectCounters counters{};
    for (std::size_t i = 0; i < counters.size(); ++i) {
      counters.at(i) =
          rejected_.add(with(labels, std::string(vrrp::to_string(static_cast<vrrp::Reject>(i)))));
    }
    return counters;
  }
  CheckCounters check_counters(const Values& labels) {
    CheckCounters check{labels, {}, {}};
    for (const health::Status to : kVerdicts) {
      check.transitions.at(index_of(to)) =
          check_transitions_.add(with(labels, std::string(health::to_string(to))));
    }
    check.duration = durations_.add(labels, kSecondsBuckets);
    return check;
  }
  static Values with(Values labels, std::string value) {
    labels.push_back(std::move(value));
    return labels;
  }

  /// Those that are gone keep their counters until the next time, those of another name lose them.
  template <typename Id, typename Counters>
  void replace(std::map<Id, Counters>& all, std::map<Id, Counters> next) {
    std::set<Values> wanted;
    for (const auto& [id, counters] : next) {
      wanted.insert(counters.labels);
    }
    for (auto& [id, counters] : all) {
      const bool gone = !next.contains(id);
      if (gone && !counters.leaving) {
        counters.leaving = true;
        next.emplace(id, counters);
      } else if (!wanted.contains(counters.labels)) {
        remove(counters);
      }
    }
    all = std::move(next);
  }
  void remove(const RouterCounters& router) {
    std::ranges::for_each(router.transitions, [this](Counter* one) { transitions_.remove(one); });
    std::ranges::for_each(router.rejected, [this](Counter* one) { rejected_.remove(one); });
    sent_.remove(router.sent);
    received_.remove(router.received);
    conflicts_.remove(router.conflicts);
    restored_.remove(router.restored);
    lateness_.remove(router.lateness);
  }
  void remove(const CheckCounters& check) {
    std::ranges::for_each(check.transitions,
                          [this](Counter* one) { check_transitions_.remove(one); });
    durations_.remove(check.duration);
  }

  prometheus::Registry registry_;
  Family<Counter> transitions_{registry_, Metric::Transitions};
  Family<Counter> sent_{registry_, Metric::Sent};
  Family<Counter> received_{registry_, Metric::Received};
  Family<Counter> rejected_{registry_, Metric::Rejected};
  Family<Counter> conflicts_{registry_, Metric::Conflicts};
  Family<Counter> restored_{registry_, Metric::Restored};
  Family<Histogram> lateness_{registry_, Metric::Lateness};
  Family<Histogram> stalls_{registry_, Metric::LoopStall};
  Family<Histogram> durations_{registry_, Metric::CheckDuration};
  Family<Counter> check_transitions_{registry_, Metric::CheckTransitions};
  Family<Counter> reloads_{registry_, Metric::Reloads};
  Family<Counter> config_reloads_{registry_, Metric::ConfigReloads};
  Family<Histogram> reload_durations_{registry_, Metric::ReloadDuration};
  Family<Histogram> reload_steps_{registry_, Metric::Step};
  std::array<Counter*, proxy::kResults.size()> reload_results_{};
  std::array<Histogram*, proxy::kReloadSteps.size()> step_durations_{};
  Histogram* stall_;
  Histogram* reload_duration_;
  Counter* config_taken_;
  Counter* config_refused_;
  RejectCounters unknown_{};  ///< packets that belong to no router of ours
  std::map<RouterId, RouterCounters> routers_;
  std::map<CheckId, CheckCounters> checks_;
};

Metrics::Metrics(const Status& first) : impl_(std::make_unique<Impl>(first)) {}

Metrics::~Metrics() = default;

void Metrics::follow(const Status& status) {
  impl_->follow(status);
}

void Metrics::count(const Notice& notice) {
  std::visit(*impl_, notice);
}

void Metrics::loop_stall(Duration late) {
  impl_->loop_stall(late);
}

std::string Metrics::render(const Status& status, std::uint64_t log_messages_dropped) const {
  auto families = impl_->collect();
  read(status, families);
  families.push_back(single(Metric::LogDropped, {}, static_cast<double>(log_messages_dropped)));
  // An order that does not change from one scrape to the next.
  for (MetricFamily& family : families) {
    std::ranges::sort(family.metric, {}, &prometheus::ClientMetric::label);
  }
  std::ranges::sort(families, {}, &MetricFamily::name);
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace haguard::supervisor
