#include "supervisor/metric_reading.h"

#include <limits>
#include <utility>

#include "supervisor/mode.h"
#include "supervisor/version.h"

namespace haguard::supervisor {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;

constexpr std::array kStates{vrrp::State::Initialize, vrrp::State::Backup, vrrp::State::Active};

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

double timestamp(WallTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

prometheus::MetricType type_of(const MetricRow& row) {
  switch (row.type) {
    case MetricType::Counter:
      return prometheus::MetricType::Counter;
    case MetricType::Gauge:
      return prometheus::MetricType::Gauge;
    case MetricType::Histogram:
      break;
  }
  return prometheus::MetricType::Histogram;
}

MetricFamily single(Metric metric, const LabelValues& labels, double value) {
  return Reading(metric).add(labels, value).take();
}

void read_routers(const Status& status, std::vector<MetricFamily>& out) {
  Reading state(Metric::State);
  Reading priority(Metric::Priority);
  Reading since(Metric::LastTransition);
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
    since.add({name, family}, timestamp(router.since));
    if (router.active_router) {
      active.add({name, family, router.active_router->to_string()}, 1);
    }
    held.add({name, family},
             router.holds_addresses ? static_cast<double>(router.addresses.size()) : 0);
    held_down.add({name, family}, router.held_down_until ? 1 : 0);
  }
  for (Reading* reading : {&state, &priority, &since, &active, &held, &held_down}) {
    out.push_back(reading->take());
  }
}

void read_peers(const Status& status, std::vector<MetricFamily>& out) {
  Reading priority(Metric::PeerPriority);
  Reading heard(Metric::PeerHeard);
  for (const PeerStatus& peer : status.peers) {
    const LabelValues labels{peer.instance, std::string(vrrp::to_string(peer.family)),
                             peer.address.to_string()};
    priority.add(labels, peer.priority);
    heard.add(labels, timestamp(peer.last_advert));
  }
  out.push_back(priority.take());
  out.push_back(heard.take());
}

void read_haproxy(const proxy::Condition& haproxy, std::vector<MetricFamily>& out) {
  const bool up = haproxy.status == proxy::Status::Running;
  out.push_back(single(Metric::HaproxyUp, {}, up ? 1 : 0));
  out.push_back(single(Metric::HaproxyOldWorkers, {}, haproxy.old_workers));
  Reading warnings(Metric::HaproxyWarning);
  for (const proxy::Warning each : proxy::kWarnings) {
    warnings.add({std::string(proxy::to_string(each))}, haproxy.warnings.contains(each) ? 1 : 0);
  }
  out.push_back(warnings.take());
}

/// As much of it as a double holds exactly.
double hash_of(const std::string& digest) {
  constexpr std::size_t kHexDigits = 12;
  return digest.empty()
             ? 0
             : static_cast<double>(std::stoull(digest.substr(0, kHexDigits), nullptr, 16));
}

}  // namespace

Reading::Reading(Metric metric) : row_(row(metric)) {
  family_.name = row_.name;
  family_.help = row_.help;
  family_.type = type_of(row_);
}

ClientMetric& Reading::sample(const LabelValues& labels) {
  ClientMetric& sample = family_.metric.emplace_back();
  for (std::size_t i = 0; i < labels.size(); ++i) {
    sample.label.push_back({row_.labels.at(i), labels[i]});
  }
  return sample;
}

Reading& Reading::add(const LabelValues& labels, double value) {
  ClientMetric& made = sample(labels);
  (row_.type == MetricType::Counter ? made.counter.value : made.gauge.value) = value;
  return *this;
}

Reading& Reading::add(const LabelValues& labels, const Counter& counter) {
  return add(labels, static_cast<double>(counter.value()));
}

Reading& Reading::add(const LabelValues& labels, const Histogram& histogram) {
  ClientMetric::Histogram& made = sample(labels).histogram;
  const auto bounds = histogram.bounds();
  made.bucket.reserve(bounds.size() + 1);
  // The count is made of the buckets, so that it cannot differ from the last of them.
  for (std::size_t i = 0; i <= bounds.size(); ++i) {
    made.sample_count += histogram.count(i);
    const double bound =
        i < bounds.size() ? seconds(bounds[i]) : std::numeric_limits<double>::infinity();
    made.bucket.push_back({made.sample_count, bound});
  }
  made.sample_sum = seconds(histogram.sum());
  return *this;
}

void read(const Status& status, std::vector<MetricFamily>& out) {
  out.push_back(single(Metric::BuildInfo, {kVersion}, 1));
  out.push_back(single(Metric::ConfigHash, {}, hash_of(status.config_digest)));
  out.push_back(single(Metric::Snapshot, {}, timestamp(status.time)));
  out.push_back(single(Metric::Ready, {}, unready(status).empty() ? 1 : 0));
  out.push_back(single(Metric::Drained, {}, status.mode == to_string(Mode::Drained) ? 1 : 0));
  read_routers(status, out);
  read_peers(status, out);
  Reading checks(Metric::CheckStatus);
  for (const CheckStatus& check : status.checks) {
    checks.add({check.name}, check.status == health::Status::Passing ? 1 : 0);
  }
  out.push_back(checks.take());
  if (status.haproxy) {
    read_haproxy(*status.haproxy, out);
  }
  if (status.reloads.in_sync) {
    out.push_back(single(Metric::HaproxyInSync, {}, *status.reloads.in_sync ? 1 : 0));
  }
}

}  // namespace haguard::supervisor
