// What the monitor forgives around a reload, and what it never does.

#include "fake_haproxy.h"

namespace haguard::proxy {
namespace {

class MonitorReloadTest : public MonitorTest {
 protected:
  void be_patient(Duration span) { haproxy_.monitor.be_patient(haproxy_.now + span); }
  bool warns(Warning what) { return haproxy_.condition().warnings.contains(what); }
  void refresh_list() {
    haproxy_.tell(Failed{Line::Presence, Failure::Closed});
    haproxy_.run(10ms);
  }
};

TEST_F(MonitorReloadTest, TheMasterIsHeldOnceItHasSpoken) {
  start_running();
  EXPECT_EQ(haproxy_.asked(Line::Presence), 1U);
}

TEST_F(MonitorReloadTest, TheEndOfThatConnectionIsADisturbanceAndLookedInto) {
  start_running();
  const auto lists = haproxy_.condition().lists;
  haproxy_.tell(Failed{Line::Presence, Failure::Closed});
  EXPECT_EQ(haproxy_.condition().disturbances, 1U);
  haproxy_.run(2ms);
  EXPECT_EQ(haproxy_.condition().lists, lists + 1);
  EXPECT_EQ(haproxy_.asked(Line::Presence), 2U);
}

TEST_F(MonitorReloadTest, AConnectionThatWasNeverThereIsNone) {
  start_running();
  haproxy_.tell(Failed{Line::Presence, Failure::Refused});
  EXPECT_EQ(haproxy_.condition().disturbances, 0U);
}

TEST_F(MonitorReloadTest, SilenceIsForgivenForAsLong) {
  start_running();
  be_patient(3s);
  haproxy_.freeze(11);
  haproxy_.run(2900ms);
  EXPECT_EQ(haproxy_.status(), Status::Running);
  haproxy_.run(2s);
  EXPECT_EQ(haproxy_.status(), Status::Hung);
}

TEST_F(MonitorReloadTest, SoIsARefusal) {
  start_running();
  be_patient(1s);
  haproxy_.listening = 0;
  haproxy_.close_held();
  haproxy_.run(900ms);
  EXPECT_EQ(haproxy_.status(), Status::Running);
  haproxy_.run(1s);
  EXPECT_EQ(haproxy_.status(), Status::Stopping);
}

TEST_F(MonitorReloadTest, ADeathNeverIs) {
  start_running();
  be_patient(10s);
  haproxy_.kill_worker(11);
  haproxy_.run(100ms);
  EXPECT_EQ(haproxy_.status(), Status::Dead);
  EXPECT_FALSE(haproxy_.condition().orderly_end);
}

TEST_F(MonitorReloadTest, AStopIsTold) {
  start_running();
  haproxy_.end(11, "exited with code 143");
  haproxy_.run(1ms);
  haproxy_.end(10, "exited with code 143");
  haproxy_.run(100ms);
  EXPECT_EQ(haproxy_.status(), Status::Dead);
  EXPECT_TRUE(haproxy_.condition().orderly_end);
}

TEST_F(MonitorReloadTest, AListenerIsKnockedAtWhenThereIsOne) {
  haproxy_.listeners = {{vrrp::IpAddress::v4(127, 0, 0, 1), 80}};
  start_running();
  std::vector<Action> out;
  EXPECT_TRUE(haproxy_.monitor.knock_once(haproxy_.now, out));
  EXPECT_EQ(haproxy_.condition().knock_answered, std::nullopt);
  const auto* knock = std::get_if<Knock>(&out.at(0));
  ASSERT_NE(knock, nullptr);
  haproxy_.tell(Answered{Line::Listener, "", knock->question});
  EXPECT_EQ(haproxy_.condition().knock_answered, true);
}

TEST_F(MonitorReloadTest, ASilentListenerIsToldAfterTheHangTimeout) {
  haproxy_.listeners = {{vrrp::IpAddress::v4(127, 0, 0, 1), 80}};
  start_running();
  std::vector<Action> out;
  ASSERT_TRUE(haproxy_.monitor.knock_once(haproxy_.now, out));
  haproxy_.run(599ms);
  EXPECT_EQ(haproxy_.condition().knock_answered, std::nullopt);
  haproxy_.run(1ms);
  EXPECT_EQ(haproxy_.condition().knock_answered, false);
}

TEST_F(MonitorReloadTest, WithoutAListenerThereIsNoKnock) {
  start_running();
  std::vector<Action> out;
  EXPECT_FALSE(haproxy_.monitor.knock_once(haproxy_.now, out));
}

TEST_F(MonitorReloadTest, ThreeOldWorkersAreNormalFourAreNot) {
  start_running();
  haproxy_.former =
      "21 worker 1 0d00h00m04s 2.6\n22 worker 2 0d00h00m04s 2.6\n"
      "23 worker 3 0d00h00m04s 2.6\n";
  refresh_list();
  EXPECT_EQ(haproxy_.condition().old_workers, 3U);
  EXPECT_FALSE(warns(Warning::OldWorkers));
  haproxy_.former += "24 worker 4 0d00h00m05s 2.6\n";
  refresh_list();
  ASSERT_TRUE(warns(Warning::OldWorkers));
  EXPECT_EQ(haproxy_.condition().warnings.at(Warning::OldWorkers),
            "4, the oldest (pid 24) runs for 5 s: `hard-stop-after` limits that");
}

TEST_F(MonitorReloadTest, AnOldWorkerThatHaproxyShouldHaveEndedIsWarnedOf) {
  start_running();
  haproxy_.tell(ListenersFound{{}, 30s});
  haproxy_.former = "21 worker 1 0d00h00m33s 2.6\n";
  refresh_list();
  EXPECT_FALSE(warns(Warning::OldWorkers)) << "a tenth more than its limit";
  haproxy_.former = "21 worker 1 0d00h00m34s 2.6\n";
  refresh_list();
  EXPECT_TRUE(warns(Warning::OldWorkers));
}

TEST_F(MonitorReloadTest, WithoutALimitADayIsLong) {
  start_running();
  haproxy_.former = "21 worker 1 0d23h59m59s 2.6\n";
  refresh_list();
  EXPECT_FALSE(warns(Warning::OldWorkers));
  haproxy_.former = "21 worker 1 1d00h00m01s 2.6\n";
  refresh_list();
  EXPECT_TRUE(warns(Warning::OldWorkers));
}

}  // namespace
}  // namespace haguard::proxy
