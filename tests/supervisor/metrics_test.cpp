#include "supervisor/metrics.h"

#include <map>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>

#include "supervisor/metric_table.h"
#include "supervisor/version.h"
#include "tests/supervisor/sample_status.h"

namespace haguard::supervisor {
namespace {

const std::string kEdge = R"(instance="edge",family="ipv4")";

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> all;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    all.push_back(line);
  }
  return all;
}

/// The labels of a sample, as `name="value"`, in no order.
std::set<std::string> labels(const std::string& text) {
  static const std::regex label(R"(([a-z_]+)=("(?:[^"\\]|\\.)*"))");
  std::set<std::string> all;
  for (std::sregex_iterator at(text.begin(), text.end(), label), end; at != end; ++at) {
    all.insert(at->str());
  }
  return all;
}

/// The value of the sample with this name and exactly these labels.
std::optional<double> value(const std::string& text, const std::string& name,
                            const std::string& wanted) {
  static const std::regex sample(R"(^([a-z_]+)(?:\{(.*)\})? (\S+)$)");
  for (const std::string& line : lines(text)) {
    std::smatch match;
    if (std::regex_match(line, match, sample) && match.str(1) == "haguard_" + name &&
        labels(match.str(2)) == labels(wanted)) {
      return std::stod(match.str(3));
    }
  }
  return std::nullopt;
}

StateChanged change_to(vrrp::State to) {
  StateChanged change{};
  change.transition.to = to;
  return change;
}

class MetricsTest : public testing::Test {
 protected:
  MetricsTest() {
    status_.reloads.in_sync = true;
    status_.haproxy_managed = true;
    status_.peers[0].instance = "edge";
  }

  [[nodiscard]] std::optional<double> read(const std::string& name,
                                           const std::string& wanted) const {
    return value(metrics_.render(status_, {}, {}), name, wanted);
  }

  Status status_ = sample_status();
  Metrics metrics_{status_};
};

TEST_F(MetricsTest, EveryLineFollowsTheExpositionFormat) {
  status_.checks[0].name = "a\"b\\c\nx";
  const std::regex comment(R"(# (HELP|TYPE) (haguard|process)_[a-z_]+ .+)");
  const std::regex sample(
      R"((haguard|process)_[a-z_]+(\{([a-z_]+="([^"\\]|\\["\\n])*",?)*\})? ([0-9.e+-]+))");
  for (const std::string& line : lines(metrics_.render(status_, {}, {}))) {
    EXPECT_TRUE(std::regex_match(line, comment) || std::regex_match(line, sample)) << line;
  }
}

TEST_F(MetricsTest, TheTableNamesEverythingThatIsRendered) {
  std::map<std::string, std::string> rendered;
  for (const std::string& line : lines(metrics_.render(status_, {}, {}))) {
    std::smatch match;
    if (std::regex_match(line, match, std::regex("# TYPE (\\S+) (\\S+)"))) {
      rendered[match.str(1)] = match.str(2);
    }
  }
  std::map<std::string, std::string> table;
  for (const MetricRow& row : metric_table()) {
    table[row.name] = row.type == MetricType::Counter ? "counter"
                      : row.type == MetricType::Gauge ? "gauge"
                                                      : "histogram";
    EXPECT_EQ(std::string(row.name).ends_with("_total"), row.type == MetricType::Counter);
  }
  EXPECT_EQ(rendered, table);
}

TEST_F(MetricsTest, ReloadsAreCountedByResultAndTimedByStep) {
  ReloadOver over;
  over.record.result = proxy::Result::Refused;
  over.record.took = std::chrono::seconds(2);
  metrics_.count(over);
  metrics_.count(ReloadStepTaken{{"validate", false, std::chrono::seconds(2), ""}});
  EXPECT_EQ(read("haproxy_reloads_total", R"(result="refused")"), 1);
  EXPECT_EQ(read("haproxy_reloads_total", R"(result="ok")"), 0);
  EXPECT_EQ(read("haproxy_reload_duration_seconds_sum", ""), 2);
  EXPECT_EQ(read("haproxy_reload_step_duration_seconds_sum", R"(step="validate")"), 2);
  EXPECT_EQ(read("haproxy_reload_step_duration_seconds_sum", R"(step="prove")"), 0);
}

TEST_F(MetricsTest, WhetherTheFilesAreWhatRuns) {
  EXPECT_EQ(read("haproxy_config_in_sync", ""), 1);
  status_.reloads.in_sync = false;
  EXPECT_EQ(read("haproxy_config_in_sync", ""), 0);
}

TEST_F(MetricsTest, GaugesShowTheSnapshot) {
  EXPECT_EQ(read("build_info", "version=\"" + std::string(kVersion) + "\""), 1);
  EXPECT_EQ(read("vrrp_state", kEdge + R"(,state="active")"), 1);
  EXPECT_EQ(read("vrrp_state", kEdge + R"(,state="backup")"), 0);
  EXPECT_EQ(read("vrrp_state", kEdge + R"(,state="initialize")"), 0);
  EXPECT_EQ(read("vrrp_priority", kEdge + R"(,kind="configured")"), 100);
  EXPECT_EQ(read("vrrp_priority", kEdge + R"(,kind="effective")"), 50);
  EXPECT_EQ(read("vrrp_active_router_info", kEdge + R"(,address="172.28.1.2")"), 1);
  EXPECT_EQ(read("vrrp_addresses_held", kEdge), 2);
  EXPECT_EQ(read("check_status", R"(check="haproxy")"), 1);
  EXPECT_EQ(read("check_status", R"(check="web")"), 0);
  EXPECT_EQ(read("haproxy_up", ""), 1);
  EXPECT_EQ(read("haproxy_old_workers", ""), 1);
  EXPECT_EQ(read("haproxy_warning", R"(warning="saturated")"), 0);
  EXPECT_EQ(read("vrrp_held_down", kEdge), 0);
}

TEST_F(MetricsTest, GaugesFollowTheSnapshot) {
  status_.routers[0].holds_addresses = false;
  status_.routers[0].active_router.reset();
  status_.haproxy->status = proxy::Status::Hung;
  status_.haproxy->warnings[proxy::Warning::ReloadFailed] = "";
  status_.routers[0].held_down_until = noon_plus(190);
  EXPECT_EQ(read("vrrp_addresses_held", kEdge), 0);
  EXPECT_EQ(read("vrrp_active_router_info", kEdge + R"(,address="172.28.1.2")"), std::nullopt);
  EXPECT_EQ(read("haproxy_up", ""), 0);
  EXPECT_EQ(read("haproxy_warning", R"(warning="reload failed")"), 1);
  EXPECT_EQ(read("vrrp_held_down", kEdge), 1);
  status_.haproxy.reset();
  EXPECT_EQ(read("haproxy_up", ""), std::nullopt);
}

TEST_F(MetricsTest, ADrainedNodeIsMarked) {
  EXPECT_EQ(read("drained", ""), 0);
  status_.mode = "drained";
  EXPECT_EQ(read("drained", ""), 1);
}

TEST_F(MetricsTest, CountersExistBeforeTheFirstEvent) {
  EXPECT_EQ(read("vrrp_transitions_total", kEdge + R"(,to="active")"), 0);
  EXPECT_EQ(read("vrrp_packets_rejected_total", kEdge + R"(,reason="checksum")"), 0);
  EXPECT_EQ(read("vrrp_packets_rejected_total", R"(instance="",family="",reason="unknown_vrid")"),
            0);
  EXPECT_EQ(read("check_transitions_total", R"(check="web",to="failing")"), 0);
}

TEST_F(MetricsTest, NoticesCount) {
  metrics_.count(change_to(vrrp::State::Backup));
  metrics_.count(change_to(vrrp::State::Active));
  metrics_.count(change_to(vrrp::State::Backup));
  metrics_.count(AdvertisementReceived{});
  metrics_.count(PacketRejected{.router = 0, .reject = vrrp::Reject::Ttl, .source = {}});
  metrics_.count(PacketRejected{.router = {}, .reject = vrrp::Reject::Carp, .source = {}});
  CheckChanged verdict{};
  verdict.check = 1;
  verdict.to = health::Status::Failing;
  metrics_.count(verdict);
  EXPECT_EQ(read("vrrp_transitions_total", kEdge + R"(,to="backup")"), 2);
  EXPECT_EQ(read("vrrp_transitions_total", kEdge + R"(,to="active")"), 1);
  EXPECT_EQ(read("vrrp_advertisements_received_total", kEdge), 1);
  EXPECT_EQ(read("vrrp_packets_rejected_total", kEdge + R"(,reason="ttl")"), 1);
  EXPECT_EQ(read("vrrp_packets_rejected_total", R"(instance="",family="",reason="carp")"), 1);
  EXPECT_EQ(read("check_transitions_total", R"(check="web",to="failing")"), 1);
  EXPECT_EQ(read("check_transitions_total", R"(check="haproxy",to="failing")"), 0);
}

TEST_F(MetricsTest, LatenessIsOfScheduledAdvertisementsOnly) {
  metrics_.count(AdvertisementSent{0, std::chrono::microseconds(300)});
  metrics_.count(AdvertisementSent{0, std::chrono::milliseconds(30)});
  metrics_.count(AdvertisementSent{0, Duration(-1)});
  EXPECT_EQ(read("vrrp_advertisements_sent_total", kEdge), 3);
  EXPECT_EQ(read("vrrp_advertisement_lateness_seconds_count", kEdge), 2);
  EXPECT_EQ(read("vrrp_advertisement_lateness_seconds_bucket", kEdge + R"(,le="0.001")"), 1);
  EXPECT_NEAR(read("vrrp_advertisement_lateness_seconds_sum", kEdge).value_or(0), 0.0303, 1e-9);
}

TEST_F(MetricsTest, TimesAreInSeconds) {
  metrics_.loop_stall(std::chrono::milliseconds(1500));
  metrics_.count(ProbeTimed{1, std::chrono::milliseconds(20)});
  EXPECT_EQ(read("loop_stall_seconds_sum", ""), 1.5);
  EXPECT_EQ(read("check_duration_seconds_sum", R"(check="web")"), 0.02);
  EXPECT_EQ(read("check_duration_seconds_count", R"(check="haproxy")"), 0);
}

TEST_F(MetricsTest, DroppedLogLinesAreCounted) {
  EXPECT_EQ(value(metrics_.render(status_, LogCounts{{}, 7}, {}), "log_messages_dropped_total", ""),
            7);
}

TEST_F(MetricsTest, WrittenLinesAreCountedByLevel) {
  const auto text = metrics_.render(status_, LogCounts{{1, 22, 3, 4}, 0}, {});
  EXPECT_EQ(value(text, "log_messages_total", R"(level="debug")"), 1);
  EXPECT_EQ(value(text, "log_messages_total", R"(level="info")"), 22);
  EXPECT_EQ(value(text, "log_messages_total", R"(level="warning")"), 3);
  EXPECT_EQ(value(text, "log_messages_total", R"(level="error")"), 4);
}

TEST_F(MetricsTest, PeersAreThoseOfTheSnapshot) {
  const std::string peer = kEdge + R"(,address="172.28.1.3")";
  EXPECT_EQ(read("vrrp_peer_priority", peer), 90);
  // 2026-01-01T12:00:00Z and 183.5 s.
  EXPECT_EQ(read("vrrp_peer_last_heard_timestamp_seconds", peer), 1767268983.5);
  status_.peers.clear();
  EXPECT_EQ(read("vrrp_peer_priority", peer), std::nullopt);
}

TEST_F(MetricsTest, TimesOfTheSnapshotAreThoseOfTheWall) {
  EXPECT_EQ(read("vrrp_last_transition_timestamp_seconds", kEdge), 1767268981);
  EXPECT_EQ(read("snapshot_timestamp_seconds", ""), 1767268984);
}

TEST_F(MetricsTest, ANodeWithAFaultIsNotReady) {
  EXPECT_EQ(read("node_ready", ""), 1);
  status_.routers[0].state = vrrp::State::Backup;
  EXPECT_EQ(read("node_ready", ""), 1);
  status_.routers[0].state = vrrp::State::Initialize;
  EXPECT_EQ(read("node_ready", ""), 0);
}

TEST_F(MetricsTest, HooksAreCountedByTheirEnd) {
  metrics_.hook_ended(MessageId::HookKilled);
  metrics_.hook_ended(MessageId::HookDone);
  metrics_.hook_ended(MessageId::HookDone);
  EXPECT_EQ(read("hooks_total", R"(result="done")"), 2);
  EXPECT_EQ(read("hooks_total", R"(result="failed")"), 0);
  EXPECT_EQ(read("hooks_total", R"(result="killed")"), 1);
}

TEST_F(MetricsTest, OnlyStartsOfHaproxyAreItsStarts) {
  using Kind = proxy::RunNews::Kind;
  metrics_.count(HaproxyRun{conf::LogLevel::Info, "started, master 10", Kind::Started});
  metrics_.count(HaproxyRun{conf::LogLevel::Info, "| started", Kind::Printed});
  metrics_.count(HaproxyRun{conf::LogLevel::Info, "TERM to master 10", Kind::Said});
  EXPECT_EQ(read("haproxy_starts_total", ""), 1);
  status_.haproxy_managed = false;
  EXPECT_EQ(read("haproxy_starts_total", ""), std::nullopt);
}

TEST_F(MetricsTest, AnObservationOnABoundBelongsToIt) {
  metrics_.loop_stall(std::chrono::milliseconds(10));
  metrics_.loop_stall(std::chrono::seconds(6));
  EXPECT_EQ(read("loop_stall_seconds_bucket", R"(le="0.005")"), 0);
  EXPECT_EQ(read("loop_stall_seconds_bucket", R"(le="0.01")"), 1);
  EXPECT_EQ(read("loop_stall_seconds_bucket", R"(le="5")"), 1);
  EXPECT_EQ(read("loop_stall_seconds_bucket", R"(le="+Inf")"), 2);
  EXPECT_EQ(read("loop_stall_seconds_count", ""), 2);
}

TEST_F(MetricsTest, CanBeReadWhileTheyAreCounted) {
  constexpr int kSent = 20000;
  std::thread loop([this] {
    for (int i = 0; i < kSent; ++i) {
      metrics_.count(AdvertisementSent{0, std::chrono::microseconds(i)});
    }
  });
  for (double count = 0; count < kSent;) {
    const auto text = metrics_.render(status_, {}, {});
    const std::string name = "vrrp_advertisement_lateness_seconds";
    const double next = value(text, name + "_count", kEdge).value_or(-1);
    EXPECT_GE(next, count);
    EXPECT_EQ(value(text, name + "_bucket", kEdge + R"(,le="+Inf")"), next);
    count = next;
  }
  loop.join();
  // 0 to 19.999 ms in steps of a microsecond: the bounds themselves belong to their buckets.
  EXPECT_EQ(read("vrrp_advertisement_lateness_seconds_bucket", kEdge + R"(,le="0.001")"), 1001);
  EXPECT_EQ(read("vrrp_advertisement_lateness_seconds_bucket", kEdge + R"(,le="0.01")"), 10001);
}

TEST(ProcessUsage, IsThatOfThisProcess) {
  const ProcessUsage usage = process_usage();
  EXPECT_GE(usage.open_descriptors, 3U);
  EXPECT_GE(usage.max_descriptors, usage.open_descriptors);
  EXPECT_GT(usage.resident_bytes, 1U << 20);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const double since_start = std::chrono::duration<double>(now).count() - usage.start_seconds;
  EXPECT_GE(since_start, -2);  // /proc/stat tells when the machine was booted in whole seconds
  EXPECT_LT(since_start, 3600);
}

TEST_F(MetricsTest, OrderIsTheSameEachTime) {
  EXPECT_EQ(metrics_.render(status_, {}, {}), metrics_.render(status_, {}, {}));
}

}  // namespace
}  // namespace haguard::supervisor
