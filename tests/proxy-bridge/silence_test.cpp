#include "proxy-bridge/silence.h"

#include <gtest/gtest.h>

#include "tests/proxy-bridge/fake_haproxy.h"

namespace haguard::proxy {
namespace {

/// Seen through the monitor, which acts on it.
using SilenceTest = MonitorTest;

TEST_F(SilenceTest, SilenceOfBothConnectionsForTheHangTimeoutIsAHang) {
  start_running();
  haproxy_.freeze(11);
  haproxy_.run(2s);
  EXPECT_EQ(haproxy_.status(), Status::Hung);
  EXPECT_EQ(haproxy_.detail(), "no answer on the stats socket for 600 ms (worker 11)");
  // 50 ms to the next question, 50 ms until the witness is asked.
  EXPECT_EQ(haproxy_.delay(Status::Hung, begun_), 700ms);
}

// One that is given up would keep its place in a backlog of ten.
TEST_F(SilenceTest, AHungHaproxyIsNotFloodedWithConnections) {
  start_running();
  haproxy_.freeze(11);
  haproxy_.run(10min);
  EXPECT_EQ(haproxy_.connections, 2U);
}

TEST_F(SilenceTest, AnAnswerEndsTheHang) {
  start_running();
  haproxy_.freeze(11);
  haproxy_.run(2s);
  haproxy_.thaw(11);
  const Instant thawed = haproxy_.now;
  haproxy_.run(10ms);
  EXPECT_LE(haproxy_.delay(Status::Running, thawed), 3ms);
}

TEST_F(SilenceTest, AHangAtTheStartIsAHang) {
  haproxy_.run_worker(11);
  haproxy_.freeze(11);
  haproxy_.start();
  haproxy_.run(1s);
  EXPECT_EQ(haproxy_.status(), Status::Hung);
  EXPECT_EQ(haproxy_.detail(), "no answer on the stats socket for 600 ms");
}

TEST_F(SilenceTest, AHungWorkerThatDiesIsDead) {
  start_running();
  haproxy_.freeze(11);
  haproxy_.run(2s);
  haproxy_.kill_worker(11);
  haproxy_.run(10ms);
  EXPECT_EQ(haproxy_.status(), Status::Dead);
  EXPECT_EQ(haproxy_.detail(), "worker 11 died (signal 9)");
}

TEST_F(SilenceTest, AReloadBehindAHungWorkerIsFound) {
  start_running();
  haproxy_.freeze(11);
  haproxy_.run(2s);
  haproxy_.run_worker(12);
  haproxy_.run(1100ms);
  EXPECT_EQ(haproxy_.status(), Status::Running);
  EXPECT_EQ(haproxy_.condition().worker_pid, 12);
  EXPECT_EQ(haproxy_.condition().hung_former, 11);
  haproxy_.end(11, "signal 9");
  haproxy_.run(1ms);
  EXPECT_EQ(haproxy_.condition().hung_former, 0);
}

TEST_F(SilenceTest, AnOrdinaryReloadLeavesNobodyBehindWhoHangs) {
  start_running();
  haproxy_.workers.at(11).stopping = true;
  haproxy_.run_worker(12);
  haproxy_.run(1s);
  EXPECT_EQ(haproxy_.condition().worker_pid, 12);
  EXPECT_EQ(haproxy_.condition().hung_former, 0);
}

// Loading takes HAProxy more than two seconds then, for it asks the hung worker for its sockets.
TEST_F(SilenceTest, ASlowReloadBehindAHungWorkerIsFound) {
  start_running();
  haproxy_.freeze(11);
  haproxy_.run(2s);
  haproxy_.master_line = Failure::Refused;
  haproxy_.run(3s);
  haproxy_.master_line.reset();
  haproxy_.run_worker(12);
  haproxy_.run(1100ms);
  EXPECT_EQ(haproxy_.condition().worker_pid, 12);
}

TEST_F(SilenceTest, AWitnessThatAnswersClearsTheHeldConnection) {
  start_running();
  haproxy_.workers.at(11).mute_when_held = true;
  haproxy_.run(400ms);
  haproxy_.workers.at(11).mute_when_held = false;
  haproxy_.run(2s);
  EXPECT_TRUE(haproxy_.always_running_since(begun_));
  EXPECT_EQ(haproxy_.connections, 3U);
}

TEST_F(SilenceTest, AWitnessCannotVouchForEver) {
  start_running();
  haproxy_.workers.at(11).mute_when_held = true;
  haproxy_.run(5s);
  EXPECT_EQ(haproxy_.delay(Status::Hung, begun_), 50ms + 600ms + 600ms);
}

TEST_F(SilenceTest, AHeldConnectionLeftWithAFrozenFormerWorkerIsRenewed) {
  start_running();
  haproxy_.freeze(11);
  haproxy_.run_worker(12);
  haproxy_.run(150ms);
  EXPECT_TRUE(haproxy_.always_running_since(begun_));
  EXPECT_EQ(haproxy_.condition().worker_pid, 12);
}

TEST_F(SilenceTest, AStarvedDaemonReadsBeforeItJudges) {
  start_running();
  haproxy_.run(51ms);  // a question has left
  haproxy_.starve(30s);
  haproxy_.run(2s);
  EXPECT_TRUE(haproxy_.always_running_since(begun_));
}

TEST_F(SilenceTest, AStarvedDaemonAsksAWitnessBeforeItCallsAHang) {
  start_running();
  haproxy_.freeze(11);
  haproxy_.run(51ms);
  haproxy_.starve(30s);
  EXPECT_EQ(haproxy_.status(), Status::Running);
  haproxy_.run(600ms);
  EXPECT_EQ(haproxy_.status(), Status::Hung);
}

}  // namespace
}  // namespace haguard::proxy
