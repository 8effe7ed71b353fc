// Checks: probes on their schedule, verdicts by rise and fall, HAProxy's condition as a check.
#include "supervisor/checks.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace haguard::supervisor {
namespace {

using namespace std::chrono_literals;
using enum health::Status;

const Instant kStart{1h};

conf::Check tcp(const char* name, std::optional<int> weight) {
  conf::Check check;
  check.name = name;
  check.weight = weight;
  check.interval = 400ms;
  check.timeout = 250ms;
  check.rise = 2;
  check.fall = 3;
  return check;
}

conf::Config tcp_only() {
  conf::Config config;
  config.haproxy.mode = conf::HaproxyMode::None;
  config.checks = {tcp("web", -50), tcp("api", std::nullopt)};
  return config;
}

conf::Config with_haproxy() {
  conf::Check built_in;
  built_in.name = conf::kBuiltInCheck;
  built_in.type = conf::CheckType::Haproxy;
  conf::Check backends = built_in;
  backends.name = "backends";
  backends.weight = -20;
  backends.rise = 1;
  backends.fall = 1;
  backends.haproxy.backends = {{"be", 1}};
  conf::Config config;
  config.checks = {built_in, backends};
  return config;
}

template <typename T, typename From>
std::vector<T> all(const From& from) {
  std::vector<T> found;
  for (const auto& item : from) {
    if (const T* value = std::get_if<T>(&item)) {
      found.push_back(*value);
    }
  }
  return found;
}

class ChecksTest : public testing::Test {
 public:
  explicit ChecksTest(conf::Config config = tcp_only()) : settings(std::move(config)) {
    checks.start(now, out);
    checks.advance(now, out);
  }

  void advance(Duration passed) {
    out = {};
    now += passed;
    checks.advance(now, out);
  }
  void finish(CheckId check, bool passed) {
    out = {};
    checks.finished({check, passed, passed ? "" : "refused"}, now, out);
  }
  /// One regular round of a probe, however long it is until then.
  void round(CheckId check, bool passed) {
    while (all<StartProbe>(out.actions).empty() ||
           all<StartProbe>(out.actions).back().check != check) {
      advance(checks.next_deadline() - now);
    }
    finish(check, passed);
  }
  [[nodiscard]] health::Status status(CheckId check) const {
    return checks.entries()[check].verdict.status();
  }

  conf::Config settings;
  Instant now = kStart;
  Checks checks{settings, kStart};
  Output out;
};

TEST_F(ChecksTest, StartsAllProbesAtOnceAndHasNoVerdictYet) {
  EXPECT_EQ(all<StartProbe>(out.actions).size(), 2U);
  EXPECT_EQ(status(0), Pending);
  const auto standings = checks.standings({});
  ASSERT_EQ(standings.size(), 2U);
  EXPECT_TRUE(health::assess(100, standings).pending);
}

TEST_F(ChecksTest, AsksSoonerAtAnEdgeThanAtRest) {
  finish(0, true);
  EXPECT_EQ(checks.next_deadline(), kStart + 100ms);  // a quarter of the interval
  advance(100ms);
  ASSERT_EQ(all<StartProbe>(out.actions).size(), 1U);
  finish(0, true);
  EXPECT_EQ(status(0), Passing);
  const auto told = all<CheckChanged>(out.notices);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].from, Pending);
  EXPECT_EQ(told[0].run, 2U);
  EXPECT_EQ(told[0].needed, 2U);
}

TEST_F(ChecksTest, ATimeoutIsAFailure) {
  advance(250ms);
  EXPECT_EQ(all<CancelProbe>(out.actions).size(), 2U);
  EXPECT_EQ(checks.entries()[0].detail, "no answer within 250 ms");
  // the result that comes now is nobody's any more
  finish(0, true);
  EXPECT_TRUE(all<ProbeTimed>(out.notices).empty());
  EXPECT_EQ(status(0), Pending);
  for (int i = 0; i < 2; ++i) {
    advance(100ms);
    advance(250ms);
  }
  EXPECT_EQ(status(0), Failing);
}

TEST_F(ChecksTest, EachChangeOfVerdictIsRememberedWithItsTime) {
  finish(0, true);
  advance(100ms);
  finish(0, true);
  const auto history = checks.entries()[0].history.window(now + 1min);
  ASSERT_EQ(history.size(), 2U);
  EXPECT_EQ(history[0].to, Pending);
  EXPECT_EQ(history[0].at, kStart);
  EXPECT_EQ(history[1].to, Passing);
  EXPECT_EQ(history[1].at, kStart + 100ms);
  EXPECT_EQ(checks.entries()[1].history.window(now).size(), 1U);
}

TEST_F(ChecksTest, AProbeIsTimed) {
  advance(20ms);
  finish(1, true);
  const auto timed = all<ProbeTimed>(out.notices);
  ASSERT_EQ(timed.size(), 1U);
  EXPECT_EQ(timed[0].check, 1U);
  EXPECT_EQ(timed[0].took, 20ms);
}

TEST_F(ChecksTest, TheDetailOfAFailureStaysUntilItPasses) {
  finish(0, false);
  round(0, false);
  round(0, false);
  EXPECT_EQ(status(0), Failing);
  EXPECT_EQ(checks.entries()[0].detail, "refused");
  round(0, true);
  EXPECT_EQ(checks.entries()[0].detail, "refused");
  round(0, true);
  EXPECT_EQ(status(0), Passing);
  EXPECT_EQ(checks.entries()[0].detail, "");
}

TEST_F(ChecksTest, AnInstanceCountsTheChecksItNames) {
  conf::Instance instance;
  instance.checks = {"api"};
  const auto standings = checks.standings(instance);
  ASSERT_EQ(standings.size(), 1U);
  EXPECT_EQ(standings[0].name, "api");
  instance.checks = std::vector<std::string>{};
  EXPECT_TRUE(checks.standings(instance).empty());
}

// ---- HAProxy

class HaproxyChecksTest : public ChecksTest {
 public:
  HaproxyChecksTest() : ChecksTest(with_haproxy()) {}

  void fact(const proxy::Event& event) {
    out = {};
    checks.haproxy(event, now, out);
  }
  void answer(const char* frontend, int servers, int pid = 11) {
    advance(0ms);  // asks
    fact(proxy::Answered{
        proxy::Line::Held,
        fmt::format("Name: HAProxy\nVersion: 2.6.12\nPid: {}\nStopping: 0\nCurrConns: 1\nMaxconn: "
                    "100\n\n"
                    "# pxname,svname,status,act,bck,type,\nfe,FRONTEND,{},,,0,\n\n"
                    "# pxname,svname,status,act,bck,type,\nbe,BACKEND,UP,{},0,1,\n\n",
                    pid, frontend, servers)});
  }
  /// Answers until the next one counts for both checks.
  void round(const char* frontend, int servers) {
    now += settings.checks[0].interval;
    answer(frontend, servers);
  }
};

TEST_F(HaproxyChecksTest, AsksAtStartAndIsPendingUntilItRises) {
  EXPECT_FALSE(all<proxy::Action>(out.actions).empty());
  answer("OPEN", 1);
  EXPECT_EQ(status(0), Pending);
  EXPECT_EQ(all<HaproxyChanged>(out.notices).size(), 1U);
  round("OPEN", 1);
  EXPECT_EQ(status(0), Passing);
  EXPECT_EQ(status(1), Passing);
}

TEST_F(HaproxyChecksTest, ADeadMasterFailsEveryHaproxyCheckAtOnce) {
  round("OPEN", 1);
  round("OPEN", 1);
  fact(proxy::Answered{proxy::Line::Master,
                       "#<PID> <type> <reloads> <uptime> <version>\n10 master 0 [failed: 0] "
                       "0d00h00m01s 2.6.12\n# workers\n11 worker 0 0d00h00m01s 2.6.12\n# old "
                       "workers\n# programs\n\n"});
  fact(proxy::ProcessGone{10, "signal 9"});
  EXPECT_EQ(status(0), Failing);
  EXPECT_EQ(status(1), Failing);
  EXPECT_EQ(checks.entries()[0].detail, "master 10 died (signal 9)");
  EXPECT_EQ(all<CheckChanged>(out.notices).size(), 2U);
}

TEST_F(HaproxyChecksTest, AFrontendThatIsNotOpenFailsAfterFallRounds) {
  round("OPEN", 1);
  round("OPEN", 1);
  round("PAUSED", 1);
  round("PAUSED", 1);
  EXPECT_EQ(status(0), Passing);
  round("PAUSED", 1);
  EXPECT_EQ(status(0), Failing);
  EXPECT_EQ(checks.entries()[0].detail, "no frontend is OPEN");
}

TEST_F(HaproxyChecksTest, ABackendBelowItsMinimumFailsItsOwnCheckOnly) {
  round("OPEN", 1);
  round("OPEN", 1);
  round("OPEN", 0);
  EXPECT_EQ(status(0), Passing);
  EXPECT_EQ(status(1), Failing);
  EXPECT_EQ(checks.entries()[1].detail, "backend be has 0 of 1 servers");
}

TEST_F(HaproxyChecksTest, AnswersBetweenTheIntervalsDoNotCount) {
  round("OPEN", 1);
  round("OPEN", 1);
  round("OPEN", 1);
  for (int i = 0; i < 4; ++i) {
    now += 100ms;
    answer("OPEN", 0);
  }
  EXPECT_EQ(status(1), Passing);
  now += 100ms;
  answer("OPEN", 0);
  EXPECT_EQ(status(1), Failing);
}

TEST_F(HaproxyChecksTest, OnTheWayUpEachAnswerCountsOnTheWayDownOneInAQuarterOfTheInterval) {
  answer("OPEN", 1);
  now += 100ms;
  answer("OPEN", 1);
  EXPECT_EQ(status(0), Passing);  // rise = 2
  now += 500ms;
  for (const auto expected : {Passing, Passing, Passing, Passing, Failing}) {  // fall = 3
    answer("PAUSED", 1);
    EXPECT_EQ(status(0), expected);
    now += 100ms;
  }
}

// ---- links

conf::Config with_interface() {
  conf::Config config = tcp_only();
  config.checks[1].type = conf::CheckType::Interface;
  config.checks[1].interface = "etx1";
  return config;
}

class InterfaceChecksTest : public ChecksTest {
 public:
  InterfaceChecksTest() : ChecksTest(with_interface()) {}

  void link(bool running, bool present = true, const char* interface = "etx1") {
    out = {};
    checks.link({interface, present, running, {}, {}, {}}, now, out);
  }
  /// Looks until it passes, at most that often.
  void settle(int looks) {
    for (int i = 0; i < looks && status(1) != Passing; ++i) {
      finish(0, true);
      advance(checks.next_deadline() - now);
    }
  }
};

TEST_F(InterfaceChecksTest, HasNoProbeAndIsPendingUntilTheLinkIsKnown) {
  EXPECT_EQ(all<StartProbe>(out.actions).size(), 1U);
  advance(200ms);
  EXPECT_EQ(status(1), Pending);
  EXPECT_TRUE(all<ProbeTimed>(out.notices).empty());
}

TEST_F(InterfaceChecksTest, PassesAfterSoManyLooksAtARunningLink) {
  link(true);
  EXPECT_EQ(status(1), Pending);
  advance(100ms);  // a quarter of the interval
  EXPECT_EQ(status(1), Pending);
  advance(100ms);
  EXPECT_EQ(status(1), Passing);
  EXPECT_EQ(all<CheckChanged>(out.notices).size(), 1U);
}

TEST_F(InterfaceChecksTest, FailsAtOnceWhenTheLinkGoes) {
  link(true);
  settle(4);
  link(false);
  EXPECT_EQ(status(1), Failing);
  const auto told = all<CheckChanged>(out.notices);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].check, 1U);
  EXPECT_EQ(told[0].detail, "interface etx1 is down");
  link(false, false);
  EXPECT_EQ(checks.entries()[1].detail, "interface etx1 is missing");
  EXPECT_TRUE(all<CheckChanged>(out.notices).empty());
}

TEST_F(InterfaceChecksTest, ALinkThatIsDownAtStartFailsAtOnce) {
  link(false, false);
  EXPECT_EQ(status(1), Failing);
}

TEST_F(InterfaceChecksTest, AFlappingLinkStaysFailing) {
  link(false);
  for (int i = 0; i < 10; ++i) {
    link(true);
    advance(400ms);
    EXPECT_EQ(status(1), Failing);
    link(false);
  }
  link(true);
  advance(400ms);
  EXPECT_EQ(checks.entries()[1].detail, "interface etx1 is down");
  advance(100ms);
  EXPECT_EQ(status(1), Passing);
  EXPECT_EQ(checks.entries()[1].detail, "");
}

TEST_F(InterfaceChecksTest, AnotherLinkIsNoConcernOfIt) {
  link(true);
  settle(4);
  link(false, true, "etx2");
  EXPECT_EQ(status(1), Passing);
}

TEST(Missing, NamesWhatIsMissing) {
  const std::vector<proxy::ProxyRow> proxies{
      {"fe", true, "OPEN", 0}, {"stats", true, "PAUSED", 0}, {"be", false, "UP", 2}};
  EXPECT_EQ(missing({}, proxies), "");
  EXPECT_EQ(missing({{"fe"}, {{"be", 2}}}, proxies), "");
  EXPECT_EQ(missing({{"stats"}, {}}, proxies), "frontend stats is PAUSED");
  EXPECT_EQ(missing({{"other"}, {}}, proxies), "no frontend other");
  EXPECT_EQ(missing({{}, {{"be", 3}}}, proxies), "backend be has 2 of 3 servers");
  EXPECT_EQ(missing({{}, {{"fe", 1}}}, proxies), "no backend fe");
  EXPECT_EQ(missing({}, {}), "no frontend is OPEN");
}

}  // namespace
}  // namespace haguard::supervisor
