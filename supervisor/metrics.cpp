#include "supervisor/metrics.h"

#include <algorithm>
#include <deque>

#include <prometheus/text_serializer.h>

#include "supervisor/metric_reading.h"

namespace haguard::supervisor {
namespace {

using namespace std::chrono_literals;
using prometheus::MetricFamily;

constexpr std::array<Duration, 14> kBounds{100us, 500us, 1ms,   2ms,   5ms, 10ms,   20ms,
                                           50ms,  100ms, 250ms, 500ms, 1s,  2500ms, 5s};
/// Files may be large, and HAProxy resolves names while it loads.
constexpr std::array<Duration, 13> kReloadBounds{5ms, 10ms,   25ms, 50ms, 100ms, 250ms, 500ms,
                                                 1s,  2500ms, 5s,   10s,  30s,   60s};

constexpr std::array kStates{vrrp::State::Initialize, vrrp::State::Backup, vrrp::State::Active};
constexpr std::array kVerdicts{health::Status::Pending, health::Status::Passing,
                               health::Status::Failing};
constexpr std::array kLogLevels{"debug", "info", "warning", "error"};  ///< by conf::LogLevel

struct HookResult {
  MessageId message;
  const char* name;
};
constexpr std::array<HookResult, 3> kHookResults{{{MessageId::HookDone, "done"},
                                                  {MessageId::HookFailed, "failed"},
                                                  {MessageId::HookKilled, "killed"}}};

template <typename Enum>
constexpr std::size_t index_of(Enum value) {
  return static_cast<std::size_t>(value);
}

using RejectCounters = std::array<Counter, vrrp::kRejectCount>;

struct RouterCounters {
  std::string instance;
  std::string family;
  std::array<Counter, kStates.size()> transitions{};
  Counter sent{};
  Counter received{};
  RejectCounters rejected{};
  Counter conflicts{};
  Counter restored{};
  Histogram lateness{kBounds};
};

struct CheckCounters {
  std::string check;
  std::array<Counter, kVerdicts.size()> transitions{};
  Histogram duration{kBounds};
};

void add_rejects(Reading& rejected, const std::string& instance, const std::string& family,
                 const RejectCounters& counters) {
  for (std::size_t i = 0; i < counters.size(); ++i) {
    const auto reason = vrrp::to_string(static_cast<vrrp::Reject>(i));
    rejected.add({instance, family, std::string(reason)}, counters.at(i));
  }
}

void read_log(const LogCounts& log, std::vector<MetricFamily>& out) {
  Reading messages(Metric::LogMessages);
  for (std::size_t i = 0; i < kLogLevels.size(); ++i) {
    messages.add({kLogLevels.at(i)}, static_cast<double>(log.written.at(i)));
  }
  out.push_back(messages.take());
  out.push_back(Reading(Metric::LogDropped).add({}, static_cast<double>(log.dropped)).take());
}

void read_process(const ProcessUsage& usage, std::vector<MetricFamily>& out) {
  const auto add = [&out](Metric metric, double value) {
    out.push_back(Reading(metric).add({}, value).take());
  };
  add(Metric::ProcessCpu, usage.cpu_seconds);
  add(Metric::ProcessMemory, static_cast<double>(usage.resident_bytes));
  add(Metric::ProcessDescriptors, static_cast<double>(usage.open_descriptors));
  add(Metric::ProcessMaxDescriptors, static_cast<double>(usage.max_descriptors));
  add(Metric::ProcessStart, usage.start_seconds);
}

}  // namespace

class Metrics::Impl {
 public:
  explicit Impl(const Status& first) {
    for (const RouterStatus& router : first.routers) {
      RouterCounters& counters = routers_.emplace_back();
      counters.instance = router.instance;
      counters.family = vrrp::to_string(router.family);
    }
    for (const CheckStatus& check : first.checks) {
      checks_.emplace_back().check = check.name;
    }
    for (std::size_t i = 0; i < proxy::kReloadSteps.size(); ++i) {
      step_durations_.emplace_back(kReloadBounds);
    }
  }

  void operator()(const StateChanged& notice) {
    routers_.at(notice.router).transitions.at(index_of(notice.transition.to)).add();
  }
  void operator()(const AdvertisementSent& notice) {
    RouterCounters& router = routers_.at(notice.router);
    router.sent.add();
    if (notice.lateness >= Duration::zero()) {
      router.lateness.observe(notice.lateness);
    }
  }
  void operator()(const AdvertisementReceived& notice) {
    routers_.at(notice.router).received.add();
  }
  void operator()(const PacketRejected& notice) {
    RejectCounters& counters = notice.router ? routers_.at(*notice.router).rejected : unknown_;
    counters.at(index_of(notice.reject)).add();
  }
  void operator()(const AddressConflict& notice) { routers_.at(notice.router).conflicts.add(); }
  void operator()(const AddressesRestored& notice) {
    routers_.at(notice.router).restored.add(notice.addresses.size());
  }
  void operator()(const CheckChanged& notice) {
    checks_.at(notice.check).transitions.at(index_of(notice.to)).add();
  }
  void operator()(const ProbeTimed& notice) {
    checks_.at(notice.check).duration.observe(notice.took);
  }
  void operator()(const ReloadStepTaken& notice) {
    const auto step = std::ranges::find(proxy::kReloadSteps, notice.step.name);
    step_durations_.at(static_cast<std::size_t>(step - proxy::kReloadSteps.begin()))
        .observe(notice.step.took);
  }
  void operator()(const ReloadOver& notice) {
    reloads_.at(index_of(notice.record.result)).add();
    reload_duration_.observe(notice.record.took);
  }
  void operator()(const HaproxyRun& notice) {
    if (notice.kind == proxy::RunNews::Kind::Started) {
      haproxy_starts_.add();
    }
  }
  // Read from the snapshot, if at all.
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

  void hook_ended(MessageId how) {
    const auto result = std::ranges::find(kHookResults, how, &HookResult::message);
    hooks_.at(static_cast<std::size_t>(result - kHookResults.begin())).add();
  }
  void loop_stall(Duration late) { stall_.observe(late); }

  void read_counters(const Status& status, std::vector<MetricFamily>& out) const {
    read_routers(out);
    read_checks(out);
    out.push_back(Reading(Metric::LoopStall).add({}, stall_).take());
    Reading hooks(Metric::Hooks);
    for (std::size_t i = 0; i < kHookResults.size(); ++i) {
      hooks.add({kHookResults.at(i).name}, hooks_.at(i));
    }
    out.push_back(hooks.take());
    if (status.haproxy_managed) {
      out.push_back(Reading(Metric::HaproxyStarts).add({}, haproxy_starts_).take());
    }
    read_reloads(out);
  }

 private:
  void read_routers(std::vector<MetricFamily>& out) const {
    Reading transitions(Metric::Transitions);
    Reading sent(Metric::Sent);
    Reading received(Metric::Received);
    Reading rejected(Metric::Rejected);
    Reading conflicts(Metric::Conflicts);
    Reading restored(Metric::Restored);
    Reading lateness(Metric::Lateness);
    for (const RouterCounters& router : routers_) {
      const LabelValues labels{router.instance, router.family};
      for (const vrrp::State to : kStates) {
        transitions.add({router.instance, router.family, std::string(vrrp::to_string(to))},
                        router.transitions.at(index_of(to)));
      }
      sent.add(labels, router.sent);
      received.add(labels, router.received);
      add_rejects(rejected, router.instance, router.family, router.rejected);
      conflicts.add(labels, router.conflicts);
      restored.add(labels, router.restored);
      lateness.add(labels, router.lateness);
    }
    add_rejects(rejected, "", "", unknown_);
    for (Reading* reading :
         {&transitions, &sent, &received, &rejected, &conflicts, &restored, &lateness}) {
      out.push_back(reading->take());
    }
  }

  void read_checks(std::vector<MetricFamily>& out) const {
    Reading transitions(Metric::CheckTransitions);
    Reading durations(Metric::CheckDuration);
    for (const CheckCounters& check : checks_) {
      for (const health::Status to : kVerdicts) {
        transitions.add({check.check, std::string(health::to_string(to))},
                        check.transitions.at(index_of(to)));
      }
      durations.add({check.check}, check.duration);
    }
    out.push_back(transitions.take());
    out.push_back(durations.take());
  }

  void read_reloads(std::vector<MetricFamily>& out) const {
    Reading reloads(Metric::Reloads);
    for (const proxy::Result result : proxy::kResults) {
      reloads.add({std::string(proxy::to_string(result))}, reloads_.at(index_of(result)));
    }
    out.push_back(reloads.take());
    out.push_back(Reading(Metric::ReloadDuration).add({}, reload_duration_).take());
    Reading steps(Metric::Step);
    for (std::size_t i = 0; i < proxy::kReloadSteps.size(); ++i) {
      steps.add({std::string(proxy::kReloadSteps.at(i))}, step_durations_.at(i));
    }
    out.push_back(steps.take());
  }

  // A vector would have to move them, which atomics do not.
  std::deque<RouterCounters> routers_;
  std::deque<CheckCounters> checks_;
  RejectCounters unknown_{};  ///< packets that belong to no router of ours
  Histogram stall_{kBounds};
  std::array<Counter, kHookResults.size()> hooks_{};
  Counter haproxy_starts_;
  std::array<Counter, proxy::kResults.size()> reloads_{};
  Histogram reload_duration_{kReloadBounds};
  std::deque<Histogram> step_durations_;  ///< by proxy::kReloadSteps
};

Metrics::Metrics(const Status& first) : impl_(std::make_unique<Impl>(first)) {}

Metrics::~Metrics() = default;

void Metrics::count(const Notice& notice) {
  std::visit(*impl_, notice);
}

void Metrics::hook_ended(MessageId how) {
  impl_->hook_ended(how);
}

void Metrics::loop_stall(Duration late) {
  impl_->loop_stall(late);
}

std::string Metrics::render(const Status& status, const LogCounts& log,
                            const ProcessUsage& process) const {
  std::vector<MetricFamily> families;
  read(status, families);
  impl_->read_counters(status, families);
  read_log(log, families);
  read_process(process, families);
  // Without a sample there is nothing to describe.
  std::erase_if(families, [](const MetricFamily& family) { return family.metric.empty(); });
  // An order that does not change from one scrape to the next.
  std::ranges::sort(families, {}, &MetricFamily::name);
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace haguard::supervisor
