// What does not keep HAProxy from serving: taken slots of the stats socket, saturation, a failed
// reload, a silent master, the end of a former worker.
#include <gtest/gtest.h>

#include "tests/proxy-bridge/fake_haproxy.h"

namespace haguard::proxy {
namespace {

class WarningsTest : public MonitorTest {
 protected:
  WarningsTest() { haproxy_.listeners = {{vrrp::IpAddress::v4(127, 0, 0, 1), 80}}; }

  [[nodiscard]] std::string warning(Warning what) const {
    const auto found = haproxy_.condition().warnings.find(what);
    return found == haproxy_.condition().warnings.end() ? "" : found->second;
  }
};

TEST_F(WarningsTest, TakenSlotsAreNoHangWhileAListenerAnswers) {
  start_running();
  haproxy_.slots_taken = true;
  haproxy_.close_held();
  haproxy_.run(1min);
  EXPECT_TRUE(haproxy_.always_running_since(begun_));
  EXPECT_TRUE(haproxy_.condition().blind);
  EXPECT_EQ(warning(Warning::StatsSilent),
            "/run/haproxy/admin.sock: no answer for 0.7 s, but 127.0.0.1:80 does: are all slots of "
            "`stats maxconn` taken?");
  haproxy_.free_slots();
  haproxy_.run(5ms);
  EXPECT_FALSE(haproxy_.condition().blind);
  EXPECT_EQ(warning(Warning::StatsSilent), "");
}

TEST_F(WarningsTest, AListenerIsAskedOnceASecondAndNeverAtRest) {
  start_running();
  haproxy_.run(10s);
  EXPECT_EQ(haproxy_.count<Knock>(), 0U);
  haproxy_.slots_taken = true;
  haproxy_.run(10s);
  EXPECT_GE(haproxy_.count<Knock>(), 9U);
  EXPECT_LE(haproxy_.count<Knock>(), 11U);
}

TEST_F(WarningsTest, AtTheStartAListenerIsEnoughToRun) {
  haproxy_.slots_taken = true;
  haproxy_.run_worker(11);
  haproxy_.start();
  haproxy_.run(3s);
  EXPECT_EQ(haproxy_.status(), Status::Running);
  EXPECT_GE(haproxy_.condition().rounds, 2U);
}

TEST_F(WarningsTest, AHangIsAHangWhateverTheListenerHadSaid) {
  start_running();
  haproxy_.slots_taken = true;
  haproxy_.run(5s);
  haproxy_.freeze(11);
  const Instant frozen = haproxy_.now;
  haproxy_.run(3s);
  EXPECT_EQ(haproxy_.status(), Status::Hung);
  EXPECT_LE(haproxy_.delay(Status::Hung, frozen), 1600ms);  // the next knock, and its silence
}

TEST_F(WarningsTest, AHangWithAListenerIsAsSoonAsWithout) {
  start_running();
  haproxy_.freeze(11);
  haproxy_.run(2s);
  EXPECT_EQ(haproxy_.delay(Status::Hung, begun_), 700ms);
}

TEST_F(WarningsTest, SaturationEndsWhenATenthIsFreeAgain) {
  start_running();
  haproxy_.load = 20;
  haproxy_.run(200ms);
  EXPECT_EQ(warning(Warning::Saturated), "20 of 20 connections");
  haproxy_.load = 18;
  haproxy_.run(200ms);
  EXPECT_NE(warning(Warning::Saturated), "");
  haproxy_.load = 17;
  haproxy_.run(200ms);
  EXPECT_EQ(warning(Warning::Saturated), "");
  EXPECT_TRUE(haproxy_.always_running_since(begun_));
}

TEST_F(WarningsTest, AFailedReloadIsToldUntilOneGoesWell) {
  start_running();
  haproxy_.failed_reloads = 1;
  haproxy_.run(11s);
  EXPECT_EQ(warning(Warning::ReloadFailed),
            "the last reload failed, the worker goes on with the configuration before it");
  haproxy_.failed_reloads = 0;
  haproxy_.run(11s);
  EXPECT_EQ(warning(Warning::ReloadFailed), "");
}

TEST_F(WarningsTest, ASilentMasterIsToldAfterFiveSeconds) {
  start_running();
  haproxy_.master_frozen = true;
  haproxy_.run(14s);
  EXPECT_EQ(warning(Warning::MasterSilent), "") << "asked 10 s after the last answer";
  haproxy_.run(2s);
  EXPECT_EQ(warning(Warning::MasterSilent), "/run/haproxy-master.sock: no answer for 5 s");
  EXPECT_TRUE(haproxy_.always_running_since(begun_));
}

TEST_F(WarningsTest, AFormerWorkerThatEndsIsButALine) {
  start_running();
  haproxy_.run_worker(12);
  haproxy_.former = "11 worker 1 0d00h00m31s 2.6.12\n";
  haproxy_.close_held();
  haproxy_.run(2s);
  ASSERT_EQ(haproxy_.condition().worker_pid, 12);
  EXPECT_TRUE(haproxy_.watched.contains(11));
  haproxy_.former.clear();
  haproxy_.end(11, "signal 6");
  haproxy_.run(2s);
  EXPECT_TRUE(haproxy_.always_running_since(begun_));
  EXPECT_EQ(haproxy_.condition().former_gone, 1U);
  EXPECT_EQ(haproxy_.condition().former_obituary, "former worker 11 died (signal 6)");
}

}  // namespace
}  // namespace haguard::proxy
