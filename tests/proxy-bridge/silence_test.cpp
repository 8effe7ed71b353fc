#include "proxy-bridge/silence.h"

#include <gtest/gtest.h>

#include "tests/proxy-bridge/fake_haproxy.h"

namespace haguard::proxy {
namespace {

/// Seen through the monitor, which acts on it.
using SilenceTest = MonitorTest;

TEST_F(SilenceTest, SilenceOfBothConnectionsForTheHangTimeoutIsAHang) {
  start_running();
  haproxy.freeze(11);
  haproxy.run(2s);
  EXPECT_EQ(haproxy.status(), Status::Hung);
  EXPECT_EQ(haproxy.detail(), "no answer on the stats socket for 600 ms (worker 11)");
  // 50 ms to the next question, 50 ms until the witness is asked.
  EXPECT_EQ(haproxy.delay(Status::Hung, begun), 700ms);
}

// One that is given up would keep its place in a backlog of ten.
TEST_F(SilenceTest, AHungHaproxyIsNotFloodedWithConnections) {
  start_running();
  haproxy.freeze(11);
  haproxy.run(10min);
  EXPECT_EQ(haproxy.connections, 2U);
}

TEST_F(SilenceTest, AnAnswerEndsTheHang) {
  start_running();
  haproxy.freeze(11);
  haproxy.run(2s);
  haproxy.thaw(11);
  const Instant thawed = haproxy.now;
  haproxy.run(10ms);
  EXPECT_LE(haproxy.delay(Status::Running, thawed), 3ms);
}

TEST_F(SilenceTest, AHangAtTheStartIsAHang) {
  haproxy.run_worker(11);
  haproxy.freeze(11);
  haproxy.start();
  haproxy.run(1s);
  EXPECT_EQ(haproxy.status(), Status::Hung);
  EXPECT_EQ(haproxy.detail(), "no answer on the stats socket for 600 ms");
}

TEST_F(SilenceTest, AHungWorkerThatDiesIsDead) {
  start_running();
  haproxy.freeze(11);
  haproxy.run(2s);
  haproxy.kill_worker(11);
  haproxy.run(10ms);
  EXPECT_EQ(haproxy.status(), Status::Dead);
  EXPECT_EQ(haproxy.detail(), "worker 11 died (signal 9)");
}

TEST_F(SilenceTest, AReloadBehindAHungWorkerIsFound) {
  start_running();
  haproxy.freeze(11);
  haproxy.run(2s);
  haproxy.run_worker(12);
  haproxy.run(1100ms);
  EXPECT_EQ(haproxy.status(), Status::Running);
  EXPECT_EQ(haproxy.condition().worker_pid, 12);
}

// Loading takes HAProxy more than two seconds then, for it asks the hung worker for its sockets.
TEST_F(SilenceTest, ASlowReloadBehindAHungWorkerIsFound) {
  start_running();
  haproxy.freeze(11);
  haproxy.run(2s);
  haproxy.master_line = Failure::Refused;
  haproxy.run(3s);
  haproxy.master_line.reset();
  haproxy.run_worker(12);
  haproxy.run(1100ms);
  EXPECT_EQ(haproxy.condition().worker_pid, 12);
}

TEST_F(SilenceTest, AWitnessThatAnswersClearsTheHeldConnection) {
  start_running();
  haproxy.workers.at(11).mute_when_held = true;
  haproxy.run(400ms);
  haproxy.workers.at(11).mute_when_held = false;
  haproxy.run(2s);
  EXPECT_TRUE(haproxy.always_running_since(begun));
  EXPECT_EQ(haproxy.connections, 3U);
}

TEST_F(SilenceTest, AWitnessCannotVouchForEver) {
  start_running();
  haproxy.workers.at(11).mute_when_held = true;
  haproxy.run(5s);
  EXPECT_EQ(haproxy.delay(Status::Hung, begun), 50ms + 600ms + 600ms);
}

TEST_F(SilenceTest, AHeldConnectionLeftWithAFrozenFormerWorkerIsRenewed) {
  start_running();
  haproxy.freeze(11);
  haproxy.run_worker(12);
  haproxy.run(150ms);
  EXPECT_TRUE(haproxy.always_running_since(begun));
  EXPECT_EQ(haproxy.condition().worker_pid, 12);
}

TEST_F(SilenceTest, AStarvedDaemonReadsBeforeItJudges) {
  start_running();
  haproxy.run(51ms);  // a question has left
  haproxy.starve(30s);
  haproxy.run(2s);
  EXPECT_TRUE(haproxy.always_running_since(begun));
}

TEST_F(SilenceTest, AStarvedDaemonAsksAWitnessBeforeItCallsAHang) {
  start_running();
  haproxy.freeze(11);
  haproxy.run(51ms);
  haproxy.starve(30s);
  EXPECT_EQ(haproxy.status(), Status::Running);
  haproxy.run(600ms);
  EXPECT_EQ(haproxy.status(), Status::Hung);
}

}  // namespace
}  // namespace haguard::proxy
