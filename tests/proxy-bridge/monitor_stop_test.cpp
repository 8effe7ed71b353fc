// A worker that stops: with a successor, which is a reload, and without, which is an outage.

#include <set>

#include <gtest/gtest.h>

#include "tests/proxy-bridge/fake_haproxy.h"

namespace haguard::proxy {
namespace {

TEST_F(MonitorTest, AReloadIsNoOutage) {
  start_running();
  haproxy_.workers.at(11).stopping = true;
  haproxy_.run_worker(12);
  haproxy_.former = "11 worker 1 0d00h00m31s 2.6.12\n";
  haproxy_.run(60ms);
  EXPECT_TRUE(haproxy_.holds(12));  // 2.6 does not end a worker that is held
  EXPECT_EQ(haproxy_.condition().worker_pid, 12);
  EXPECT_EQ(haproxy_.condition().old_workers, 1U);
  haproxy_.end(11, "exited with code 0");
  haproxy_.former.clear();
  haproxy_.run(2s);
  EXPECT_TRUE(haproxy_.always_running_since(begun_));
  EXPECT_EQ(haproxy_.watched, (std::set<int>{10, 12}));
  EXPECT_EQ(haproxy_.condition().old_workers, 0U);
}

TEST_F(MonitorTest, AWorkerThatEndsInAReloadIsNoOutage) {
  start_running();
  haproxy_.run_worker(12);
  haproxy_.end(11, "exited with code 0");
  haproxy_.run(1ms);
  EXPECT_EQ(haproxy_.condition().worker_pid, 11) << "until the other one is known";
  haproxy_.run(2s);
  EXPECT_TRUE(haproxy_.always_running_since(begun_));
  EXPECT_EQ(haproxy_.condition().worker_pid, 12);
}

// The connection closes as well, and that is heard before a new one could be opened.
TEST_F(MonitorTest, AFormerConnectionIsNotTakenForTheNewOne) {
  start_running();
  haproxy_.at_once = true;
  haproxy_.run_worker(12);
  haproxy_.end(11, "exited with code 0");
  haproxy_.run(2s);
  EXPECT_TRUE(haproxy_.always_running_since(begun_));
  EXPECT_EQ(haproxy_.condition().worker_pid, 12);
}

TEST_F(MonitorTest, ALastAnswerOfTheDeadDoesNotCount) {
  start_running();
  haproxy_.run(50ms);  // a question has left, its answer takes 1 ms
  haproxy_.end(11, "signal 9", false);
  haproxy_.starve(5ms);
  haproxy_.run(5ms);
  EXPECT_EQ(haproxy_.status(), Status::Dead);
  EXPECT_EQ(haproxy_.detail(), "worker 11 died (signal 9)");
}

TEST_F(MonitorTest, ASocketThatRefusesForAMomentInAReloadIsNoOutage) {
  start_running();
  reload_begins();
  haproxy_.workers.at(11).stopping = true;
  haproxy_.listening = 0;
  haproxy_.run(8ms);  // refusal is seen after 1 ms, stopping heard after 2, the retry comes at 7
  haproxy_.run_worker(12);
  haproxy_.run(1s);
  EXPECT_TRUE(haproxy_.always_running_since(begun_));
  EXPECT_EQ(haproxy_.condition().worker_pid, 12);
}

TEST_F(MonitorTest, AStoppingWorkerWithoutSuccessorIsSaidSo) {
  start_running();
  haproxy_.workers.at(11).stopping = true;
  haproxy_.listening = 0;
  haproxy_.run(300ms);
  EXPECT_EQ(haproxy_.status(), Status::Stopping);
  EXPECT_EQ(haproxy_.detail(), "worker 11 is stopping and has no successor");
  EXPECT_LT(haproxy_.delay(Status::Stopping, begun_), 22ms);  // looked at every 20 ms
  EXPECT_FALSE(haproxy_.holds(11));
  haproxy_.end(11, "exited with code 0");
  haproxy_.run(300ms);
  EXPECT_EQ(haproxy_.status(), Status::Dead);
  EXPECT_EQ(haproxy_.detail(), "worker 11 exited with code 0");
}

TEST_F(MonitorTest, WhileTheMasterReloadsASuccessorIsWaitedFor) {
  start_running();
  reload_begins();
  haproxy_.workers.at(11).stopping = true;
  haproxy_.listening = 0;
  haproxy_.run(10ms);
  EXPECT_EQ(haproxy_.status(), Status::Running);
  haproxy_.run(25ms);  // the look, the question and two retries
  EXPECT_EQ(haproxy_.status(), Status::Stopping);
}

// HAProxy 3.1 and later: its master answers while the new worker still loads.
TEST_F(MonitorTest, ASuccessorThatTheMasterNamesIsWaitedFor) {
  start_running();
  haproxy_.run_worker(12);
  haproxy_.former = "11 worker 1 0d00h00m31s 3.2.0\n";
  haproxy_.tell(Failed{Line::Presence, Failure::Closed});
  haproxy_.starve(0ms);
  haproxy_.listening = 0;
  haproxy_.workers.at(11).stopping = true;
  haproxy_.run(8ms);
  EXPECT_EQ(haproxy_.status(), Status::Running);
  haproxy_.listening = 12;
  haproxy_.run(1s);
  EXPECT_TRUE(haproxy_.always_running_since(begun_));
  EXPECT_EQ(haproxy_.condition().worker_pid, 12);
}

// Somebody has bound the path of the stats socket and left.
TEST_F(MonitorTest, AClosedStatsSocketAloneIsNoStop) {
  start_running();
  haproxy_.listening = 0;
  const auto rounds = haproxy_.condition().rounds;
  haproxy_.run(1s);
  EXPECT_TRUE(haproxy_.always_running_since(begun_));
  EXPECT_LE(haproxy_.condition().rounds, rounds + 20) << "asked twice as often, not more";
}

TEST_F(MonitorTest, TheStatsSocketIsLookedAtWhileItServesOnly) {
  start_running();
  haproxy_.run(1s);
  EXPECT_GE(haproxy_.asked(Line::Door), 38U);  // five in 100 ms, one of them is the question
  haproxy_.kill_worker(11);
  haproxy_.run(10ms);
  ASSERT_EQ(haproxy_.status(), Status::Dead);
  const auto looks = haproxy_.asked(Line::Door);
  haproxy_.run(1s);
  EXPECT_EQ(haproxy_.asked(Line::Door), looks);
}

// With `grace` a stopping worker goes on taking connections.
TEST_F(MonitorTest, AStoppingWorkerThatStillAnswersIsNotRunning) {
  start_running();
  haproxy_.workers.at(11).stopping = true;
  haproxy_.run(1s);
  EXPECT_EQ(haproxy_.status(), Status::Stopping);
  EXPECT_LT(haproxy_.connections, 20U);
}

TEST_F(MonitorTest, AStoppingWorkerAtTheStartIsNotRunning) {
  haproxy_.run_worker(11);
  haproxy_.workers.at(11).stopping = true;
  haproxy_.start();
  haproxy_.run(10ms);
  EXPECT_EQ(haproxy_.status(), Status::Stopping);
}

}  // namespace
}  // namespace haguard::proxy
