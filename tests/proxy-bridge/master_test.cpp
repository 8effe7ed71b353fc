#include "proxy-bridge/master.h"

#include <gtest/gtest.h>

#include "tests/proxy-bridge/fake_haproxy.h"

namespace haguard::proxy {
namespace {

/// Seen through the monitor, which acts on it.
using MasterTest = MonitorTest;

TEST_F(MasterTest, WithoutMasterSocketThePidFileNamesTheMaster) {
  haproxy_.master_line = Failure::Missing;
  haproxy_.pid_file = 10;
  start_running();
  EXPECT_EQ(haproxy_.condition().master_pid, 10);
  haproxy_.end(10, "signal 9");
  haproxy_.run(5ms);
  EXPECT_EQ(haproxy_.detail(), "master 10 died (signal 9)");
}

TEST_F(MasterTest, WithoutAnyMasterTheWorkerAloneIsWatched) {
  haproxy_.master_line = Failure::Denied;
  start_running();
  EXPECT_EQ(haproxy_.watched, (std::set<int>{11}));
}

TEST_F(MasterTest, AHaproxyWithoutMasterNamesItselfInThePidFile) {
  haproxy_.master_line = Failure::Missing;
  haproxy_.pid_file = 11;
  start_running();
  EXPECT_EQ(haproxy_.condition().master_pid, 0);
  haproxy_.end(11, "signal 9");
  haproxy_.run(5ms);
  EXPECT_EQ(haproxy_.detail(), "worker 11 died (signal 9)");
}

TEST_F(MasterTest, AMasterSocketThatClosesInAReloadIsAskedAgain) {
  haproxy_.master_line = Failure::Closed;
  haproxy_.run_worker(11);
  haproxy_.start();
  haproxy_.run(120ms);
  haproxy_.master_line.reset();
  haproxy_.run(60ms);
  EXPECT_EQ(haproxy_.condition().master_pid, 10);
}

TEST_F(MasterTest, TheSilenceOfTheMasterIsNoOutage) {
  haproxy_.master_frozen = true;
  start_running();
  haproxy_.run(60s);
  EXPECT_TRUE(haproxy_.always_running_since(begun_));
  EXPECT_EQ(haproxy_.asked(Line::Master), 2U);  // at the start, and with the first answer
}

TEST_F(MasterTest, TheListOfProcessesIsRefreshedEveryTenSeconds) {
  start_running();
  haproxy_.former = "9 worker 2 0d00h00m31s 2.6.12\n";
  haproxy_.run(10s);
  EXPECT_EQ(haproxy_.condition().old_workers, 1U);
}

// From 3.1 on a failed reload leaves it there.
TEST_F(MasterTest, TheServingWorkerIsNeverAnOldOne) {
  haproxy_.former = "11 worker 1 0d00h00m31s 3.4.0\n";
  start_running();
  EXPECT_EQ(haproxy_.condition().old_workers, 0U);
}

}  // namespace
}  // namespace haguard::proxy
