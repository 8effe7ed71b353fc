#include "supervisor/metrics.h"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>

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
  LabelValues labels;  ///< instance, family
  std::array<Counter, kStates.size()> transitions{};
  Counter sent{};
  Counter received{};
  RejectCounters rejected{};
  Counter conflicts{};
  Counter restored{};
  Histogram lateness{kBounds};
};

struct CheckCounters {
  LabelValues labels;  ///< check
  std::array<Counter, kVerdicts.size()> transitions{};
  Histogram duration{kBounds};
};

/// Whose counters are whose. Never changed once it is published; the counters are.
struct Book {
  std::map<RouterId, std::shared_ptr<RouterCounters>> routers;
  std::map<CheckId, std::shared_ptr<CheckCounters>> checks;
};

/// Those it had, unless it has another name now.
template <typename Id, typename Counters>
std::shared_ptr<Counters> counters_of(const std::map<Id, std::shared_ptr<Counters>>& known, Id id,
                                      LabelValues labels) {
  const auto found = known.find(id);
  if (found != known.end() && found->second->labels == labels) {
    return found->second;
  }
  auto counters = std::make_shared<Counters>();
  counters->labels = std::move(labels);
  return counters;
}

LabelValues with(LabelValues labels, std::string_view value) {
  labels.emplace_back(value);
  return labels;
}

void add_rejects(Reading& rejected, const LabelValues& labels, const RejectCounters& counters) {
  for (std::size_t i = 0; i < counters.size(); ++i) {
    const auto reason = vrrp::to_string(static_cast<vrrp::Reject>(i));
    rejected.add(with(labels, reason), counters.at(i));
  }
}

void read_log(const LogCounts& log, std::vector<MetricFamily>& out) {
  Reading messages(Metric::LogMessages);
  for (std::size_t i = 0; i < log.written.size(); ++i) {
    const auto level = conf::to_string(static_cast<conf::LogLevel>(i));
    messages.add({std::string(level)}, static_cast<double>(log.written.at(i)));
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
    follow(first);
    for (std::size_t i = 0; i < proxy::kReloadSteps.size(); ++i) {
      step_durations_.emplace_back(kReloadBounds);
    }
  }

  void follow(const Status& status) {
    auto next = std::make_shared<Book>();
    for (const RouterStatus& router : status.routers) {
      next->routers[router.id] =
          counters_of(book_->routers, router.id,
                      {router.instance, std::string(vrrp::to_string(router.family))});
    }
    for (const CheckStatus& check : status.checks) {
      next->checks[check.id] = counters_of(book_->checks, check.id, {check.name});
    }
    former_ = book_;
    const std::lock_guard lock(mutex_);
    book_ = std::move(next);
  }

  void operator()(const StateChanged& notice) {
    router(notice.router).transitions.at(index_of(notice.transition.to)).add();
  }
  void operator()(const AdvertisementSent& notice) {
    RouterCounters& counters = router(notice.router);
    counters.sent.add();
    if (notice.lateness >= Duration::zero()) {
      counters.lateness.observe(notice.lateness);
    }
  }
  void operator()(const AdvertisementReceived& notice) { router(notice.router).received.add(); }
  void operator()(const PacketRejected& notice) {
    RejectCounters& counters = notice.router ? router(*notice.router).rejected : unknown_;
    counters.at(index_of(notice.reject)).add();
  }
  void operator()(const AddressConflict& notice) { router(notice.router).conflicts.add(); }
  void operator()(const AddressesRestored& notice) {
    router(notice.router).restored.add(notice.addresses.size());
  }
  void operator()(const CheckChanged& notice) {
    check(notice.check).transitions.at(index_of(notice.to)).add();
  }
  void operator()(const ProbeTimed& notice) { check(notice.check).duration.observe(notice.took); }
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
  void operator()(const ConfigReloaded& notice) {
    (notice.ok ? config_taken_ : config_refused_).add();
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

  void hook_ended(MessageId how) {
    const auto result = std::ranges::find(kHookResults, how, &HookResult::message);
    hooks_.at(static_cast<std::size_t>(result - kHookResults.begin())).add();
  }
  void loop_stall(Duration late) { stall_.observe(late); }

  void read_counters(const Status& status, std::vector<MetricFamily>& out) const {
    const auto book = latest_book();
    read_routers(*book, out);
    read_checks(*book, out);
    out.push_back(Reading(Metric::ConfigReloads)
                      .add({"ok"}, config_taken_)
                      .add({"refused"}, config_refused_)
                      .take());
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
  [[nodiscard]] std::shared_ptr<const Book> latest_book() const {
    const std::lock_guard lock(mutex_);
    return book_;
  }
  // On the protocol loop. The last notices of those that have gone may be on their way.
  [[nodiscard]] RouterCounters& router(RouterId id) const {
    const auto found = book_->routers.find(id);
    return found != book_->routers.end() ? *found->second : *former_->routers.at(id);
  }
  [[nodiscard]] CheckCounters& check(CheckId id) const {
    const auto found = book_->checks.find(id);
    return found != book_->checks.end() ? *found->second : *former_->checks.at(id);
  }

  void read_routers(const Book& book, std::vector<MetricFamily>& out) const {
    Reading transitions(Metric::Transitions);
    Reading sent(Metric::Sent);
    Reading received(Metric::Received);
    Reading rejected(Metric::Rejected);
    Reading conflicts(Metric::Conflicts);
    Reading restored(Metric::Restored);
    Reading lateness(Metric::Lateness);
    for (const auto& [id, counters] : book.routers) {
      const RouterCounters& router = *counters;
      const LabelValues& labels = router.labels;
      for (const vrrp::State to : kStates) {
        transitions.add(with(labels, vrrp::to_string(to)), router.transitions.at(index_of(to)));
      }
      sent.add(labels, router.sent);
      received.add(labels, router.received);
      add_rejects(rejected, labels, router.rejected);
      conflicts.add(labels, router.conflicts);
      restored.add(labels, router.restored);
      lateness.add(labels, router.lateness);
    }
    add_rejects(rejected, {"", ""}, unknown_);
    for (Reading* reading :
         {&transitions, &sent, &received, &rejected, &conflicts, &restored, &lateness}) {
      out.push_back(reading->take());
    }
  }

  static void read_checks(const Book& book, std::vector<MetricFamily>& out) {
    Reading transitions(Metric::CheckTransitions);
    Reading durations(Metric::CheckDuration);
    for (const auto& [id, check] : book.checks) {
      for (const health::Status to : kVerdicts) {
        transitions.add(with(check->labels, health::to_string(to)),
                        check->transitions.at(index_of(to)));
      }
      durations.add(check->labels, check->duration);
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

  mutable std::mutex mutex_;  ///< of the pointer, which only the protocol loop changes
  std::shared_ptr<const Book> book_ = std::make_shared<const Book>();
  std::shared_ptr<const Book> former_;
  Counter config_taken_;
  Counter config_refused_;
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

void Metrics::follow(const Status& status) {
  impl_->follow(status);
}

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
