#include "proxy-bridge/monitor.h"

#include <random>

#include <gtest/gtest.h>

#include "tests/proxy-bridge/fake_haproxy.h"

namespace haguard::proxy {
namespace {

constexpr const char* kSocket = "/run/haproxy/admin.sock";

// ---- running

TEST_F(MonitorTest, TheFirstCompleteAnswerMeansRunning) {
  haproxy_.run_worker(11);
  haproxy_.start();
  EXPECT_EQ(haproxy_.status(), Status::Unknown);
  haproxy_.run(5ms);
  const Condition& condition = haproxy_.condition();
  EXPECT_EQ(condition.status, Status::Running);
  EXPECT_EQ(condition.detail, "");
  EXPECT_EQ(condition.version, "2.6.12");
  EXPECT_EQ(condition.worker_pid, 11);
  EXPECT_EQ(condition.master_pid, 10);
  EXPECT_EQ(condition.rounds, 1U);
  EXPECT_EQ(haproxy_.watched, (std::set<int>{10, 11}));
  ASSERT_EQ(condition.proxies.size(), 2U);
  EXPECT_EQ(condition.proxies[0].name, "fe");
  EXPECT_EQ(condition.proxies[1].usable_servers, 3U);
}

TEST_F(MonitorTest, AsksAgainEverySixthOfTheHangTimeoutOnOneConnection) {
  haproxy_.run_worker(11);
  haproxy_.start();
  haproxy_.run(1005ms);
  EXPECT_EQ(haproxy_.condition().rounds, 11U);
  EXPECT_EQ(haproxy_.connections, 1U);
  EXPECT_EQ(haproxy_.asked(Line::Witness), 0U);
}

TEST_F(MonitorTest, TheAskIntervalStaysBetween20And100Milliseconds) {
  for (const auto& [timeout, rounds] : {std::pair{60ms, 51U}, {240ms, 26U}, {5000ms, 11U}}) {
    FakeHaproxy one({.hang_timeout = timeout});
    one.run_worker(11);
    one.start();
    one.run(1005ms);
    EXPECT_EQ(one.condition().rounds, rounds) << timeout.count();
  }
}

TEST_F(MonitorTest, ABackendUnknownToHaproxyHasNoRow) {
  FakeHaproxy one({}, {"be", "nope"});
  one.run_worker(11);
  one.start();
  one.run(5ms);
  EXPECT_EQ(one.status(), Status::Running);
  EXPECT_EQ(one.condition().proxies.size(), 2U);
}

TEST_F(MonitorTest, AConnectionClosedByStatsTimeoutIsRenewedQuietly) {
  start_running();
  const auto rounds = haproxy_.condition().rounds;
  haproxy_.close_held();
  haproxy_.run(500ms);
  EXPECT_TRUE(haproxy_.always_running_since(begun_));
  EXPECT_EQ(haproxy_.connections, 2U);
  EXPECT_GE(haproxy_.condition().rounds, rounds + 5);
}

// ---- death

TEST_F(MonitorTest, AKilledWorkerIsDeadWithinMilliseconds) {
  start_running();
  haproxy_.kill_worker(11);
  haproxy_.run(300ms);
  EXPECT_EQ(haproxy_.status(), Status::Dead);
  EXPECT_EQ(haproxy_.detail(), "worker 11 died (signal 9)");
  EXPECT_LE(haproxy_.delay(Status::Dead, begun_), 2ms);
  EXPECT_EQ(haproxy_.condition().worker_pid, 0);
  EXPECT_EQ(haproxy_.condition().master_pid, 0);
}

TEST_F(MonitorTest, AKilledMasterIsDeathAndItsOrphanDoesNotCount) {
  start_running();
  haproxy_.end(10, "signal 9");
  haproxy_.run(2ms);
  haproxy_.end(11, "exited with code 1");
  haproxy_.run(300ms);
  EXPECT_EQ(haproxy_.delay(Status::Dead, begun_), 800us);
  EXPECT_EQ(haproxy_.detail(), "master 10 died (signal 9)");
  EXPECT_EQ(haproxy_.history.back().second, Status::Dead);
}

// On a busy machine the worker's exit may be seen first.
TEST_F(MonitorTest, TheKilledMasterIsTheCauseOfItsWorkersExit) {
  start_running();
  haproxy_.end(11, "exited with code 1");
  haproxy_.run(5ms);
  haproxy_.end(10, "signal 9");
  haproxy_.run(5ms);
  EXPECT_EQ(haproxy_.detail(), "master 10 died (signal 9)");
}

TEST_F(MonitorTest, TellsHowTheWorkerEnded) {
  start_running();
  haproxy_.end(11, "exited with code 1");
  haproxy_.run(5ms);
  EXPECT_EQ(haproxy_.detail(), "worker 11 exited with code 1");
}

TEST_F(MonitorTest, AnOldKernelDoesNotTellHow) {
  start_running();
  haproxy_.end(11, "");
  haproxy_.run(5ms);
  EXPECT_EQ(haproxy_.detail(), "worker 11 died");
}

TEST_F(MonitorTest, ASuccessorThatStaysSilentIsNone) {
  start_running();
  haproxy_.run_worker(12);
  haproxy_.freeze(12);
  haproxy_.end(11, "signal 11");
  haproxy_.run(200ms);
  EXPECT_EQ(haproxy_.delay(Status::Dead, begun_), 800us + 50ms);
  EXPECT_EQ(haproxy_.detail(), "worker 11 died (signal 11)");
  haproxy_.thaw(12);
  haproxy_.run(5ms);
  EXPECT_EQ(haproxy_.status(), Status::Running);
}

TEST_F(MonitorTest, ARestartedHaproxyIsFoundWithin100Milliseconds) {
  start_running();
  haproxy_.kill_worker(11);
  haproxy_.run(500ms);
  haproxy_.master = 20;
  haproxy_.run_worker(21);
  const Instant restarted = haproxy_.now;
  haproxy_.run(150ms);
  EXPECT_LE(haproxy_.delay(Status::Running, restarted), 102ms);
  EXPECT_EQ(haproxy_.detail(), "");
  EXPECT_EQ(haproxy_.watched, (std::set<int>{20, 21}));
}

// ---- nobody there at the start

TEST_F(MonitorTest, OneThatIsBackIsAskedAgainSoonOnce) {
  start_running();
  haproxy_.kill_worker(11);
  haproxy_.run(1s);
  ASSERT_EQ(haproxy_.status(), Status::Dead);
  haproxy_.master = 20;
  haproxy_.run_worker(21);
  while (haproxy_.status() == Status::Dead) {
    haproxy_.run(1ms);
  }
  const auto rounds = haproxy_.condition().rounds;
  haproxy_.run(51ms);
  EXPECT_EQ(haproxy_.condition().rounds, rounds + 1);
  haproxy_.run(90ms);
  EXPECT_EQ(haproxy_.condition().rounds, rounds + 1);
  haproxy_.run(20ms);
  EXPECT_EQ(haproxy_.condition().rounds, rounds + 2);
}

TEST_F(MonitorTest, NothingThereAtTheStartIsDead) {
  haproxy_.master = 0;
  haproxy_.start();
  haproxy_.run(5ms);
  EXPECT_EQ(haproxy_.status(), Status::Dead);
  EXPECT_EQ(haproxy_.detail(), "not running: " + std::string(kSocket) + ": connection refused");
}

TEST_F(MonitorTest, NamesAMissingSocket) {
  haproxy_.admin = Failure::Missing;
  haproxy_.start();
  haproxy_.run(5ms);
  EXPECT_EQ(haproxy_.detail(), "not running: " + std::string(kSocket) + ": no such file");
}

TEST_F(MonitorTest, ASocketItMayNotOpenFailsClosed) {
  haproxy_.admin = Failure::Denied;
  haproxy_.start();
  haproxy_.run(500ms);
  EXPECT_EQ(haproxy_.status(), Status::Dead);
  EXPECT_EQ(haproxy_.detail(), std::string(kSocket) + ": permission denied");
}

TEST_F(MonitorTest, TriesEvery100MillisecondsWhileNotRunning) {
  haproxy_.start();
  haproxy_.run(1s);
  EXPECT_EQ(haproxy_.asked(Line::Held), 10U);
}

// ---- answers that make no sense

TEST_F(MonitorTest, UnintelligibleAnswersAreDeathAfterTheHangTimeout) {
  for (const char* says : {"", "Permission denied\n\n", "Version: 2.6\nPid: 11\nStopping: 0\n\n"}) {
    FakeHaproxy one;
    one.run_worker(11);
    one.workers.at(11).says = says;
    const Instant begun_here = one.now;
    one.start();
    one.run(3s);
    EXPECT_EQ(one.delay(Status::Dead, begun_here), 600ms) << says;
    EXPECT_EQ(one.detail(), std::string(kSocket) + ": unintelligible answers");
    EXPECT_EQ(one.condition().rounds, 0U);
    one.workers.at(11).says.reset();
    one.run(150ms);
    EXPECT_EQ(one.status(), Status::Running);
  }
}

TEST_F(MonitorTest, OneUnintelligibleAnswerIsForgiven) {
  start_running();
  haproxy_.workers.at(11).says = "garbage";
  haproxy_.run(100ms);
  haproxy_.workers.at(11).says.reset();
  haproxy_.run(2s);
  EXPECT_TRUE(haproxy_.always_running_since(begun_));
}

// ---- odd worlds

// A container's pids name nothing, or somebody else, on the host.
TEST_F(MonitorTest, AHaproxyInAnotherPidNamespaceIsJudgedByItsAnswers) {
  haproxy_.run_worker(11);
  haproxy_.start();
  haproxy_.run(50ms);
  haproxy_.tell(ProcessGone{11, ""});
  haproxy_.run(10s);
  EXPECT_EQ(haproxy_.status(), Status::Running);
  EXPECT_EQ(haproxy_.condition().worker_pid, 11);
  EXPECT_EQ(haproxy_.count<WatchProcess>(), 2U);  // 10 and, once, 11
}

TEST_F(MonitorTest, LateAndForeignEventsChangeNothing) {
  start_running();
  haproxy_.tell(Answered{Line::Held, "unasked"});
  haproxy_.tell(Answered{Line::Witness, "unasked"});
  haproxy_.tell(Answered{Line::Master, "unasked"});
  haproxy_.tell(Failed{Line::Witness, Failure::Refused});
  haproxy_.tell(Failed{Line::Master, Failure::Refused});
  haproxy_.tell(ProcessGone{4711, "signal 9"});
  haproxy_.tell(PidFileRead{4711});
  haproxy_.run(2s);
  EXPECT_TRUE(haproxy_.always_running_since(begun_));
  EXPECT_EQ(haproxy_.condition().master_pid, 10);
}

// Whatever comes: no spinning (wake() checks), no crash, and a healthy HAProxy is found again.
TEST_F(MonitorTest, AnyOrderOfEventsIsSurvived) {
  std::mt19937 random(1);
  start_running();
  for (int round = 0; round < 2000; ++round) {
    const auto line = static_cast<Line>(random() % 3);
    switch (random() % 4) {
      case 0:
        haproxy_.tell(Failed{line, static_cast<Failure>(random() % 4)});
        break;
      case 1:
        haproxy_.tell(
            Answered{line, random() % 2 == 0 ? "" : "Version: 1\nPid: 12\nStopping: 1\n\n"});
        break;
      case 2:
        haproxy_.tell(PidFileRead{12});
        break;
      default:
        haproxy_.tell(ProcessGone{10 + static_cast<int>(random() % 2), "signal 9"});
        break;
    }
    haproxy_.run(Duration(random() % 200'000));
  }
  haproxy_.run(2s);
  EXPECT_EQ(haproxy_.status(), Status::Running);
}

TEST(StatusName, IsTheWordOfTheInterface) {
  EXPECT_EQ(to_string(Status::Unknown), "unknown");
  EXPECT_EQ(to_string(Status::Running), "running");
  EXPECT_EQ(to_string(Status::Stopping), "stopping");
  EXPECT_EQ(to_string(Status::Hung), "hung");
  EXPECT_EQ(to_string(Status::Dead), "dead");
}

}  // namespace
}  // namespace haguard::proxy
