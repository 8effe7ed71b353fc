// The router through every (state, input), in simulated time. Clauses are of RFC 9568; where RFC
// 3768 differs the test says "version 2". Numbers are worked out from 6.1 by hand.
#include <gtest/gtest.h>

#include "tests/vrrp/router_driver.h"

namespace haguard::vrrp {
namespace {

// ---- 6.4.1 Initialize

TEST(Initialize, ABackupWaitsForTheDownInterval) {
  Driver router = initialize();
  EXPECT_EQ(router(Enable{100}), "initialize>backup");
  EXPECT_EQ(router.transition().cause, Cause::Startup);
  EXPECT_EQ(router.until_deadline(), 3609375us);
}

TEST(Initialize, TheOwnerIsActiveAtOnce) {
  Driver router = initialize();
  EXPECT_EQ(router(Enable{255}), "add, send 255 1000ms, announce, initialize>active");
  EXPECT_EQ(router.transition().cause, Cause::Owner);
  EXPECT_EQ(router.until_deadline(), 1s);
}

TEST(Initialize, IgnoresEverythingElse) {
  Driver router = initialize();
  for (const Input& input : {Input(heard(0)), Input(heard(200)), Input(Expired{}),
                             Input(SetPriority{50}), Input(Disable{Leave::Planned}),
                             Input(Disable{Leave::Fault}), Input(Disable{Leave::Mute})}) {
    EXPECT_EQ(router(input), "");
    EXPECT_EQ(router.state.state, State::Initialize);
    EXPECT_EQ(next_deadline(router.state), kNever);
  }
}

// ---- 6.4.2 Backup

TEST(Backup, TakesOverWhenTheDownTimerFires) {
  Driver router = backup();
  EXPECT_EQ(router.after(3609374us), "");
  EXPECT_EQ(router.after(1us), "add, send 100 1000ms, announce, backup>active");
  EXPECT_EQ(router.transition().cause, Cause::DownTimer);
  EXPECT_EQ(router.transition().peer, std::nullopt);
  EXPECT_EQ(router.transition().silence, 3609375us);
  EXPECT_EQ(router.until_deadline(), 1s);
}

TEST(Backup, AnEqualOrHigherPriorityRestartsTheTimer) {
  for (const int priority : {100, 101, 255}) {
    Driver router = backup();
    EXPECT_EQ(router.after(3s, heard(priority)), "");
    EXPECT_EQ(router.until_deadline(), 3609375us);
  }
}

TEST(Backup, NamesTheRouterThatFellSilent) {
  Driver router = backup();
  router.after(1s, heard(200, kLower));
  router.after(router.until_deadline());
  EXPECT_EQ(router.transition().peer, kLower);
  EXPECT_EQ(router.transition().silence, 3609375us);
}

TEST(Backup, ALowerPriorityIsDiscardedAndTheTimerRunsOn) {
  Driver router = backup();
  EXPECT_EQ(router.after(3s, heard(99)), "");
  EXPECT_EQ(router.until_deadline(), 609375us);
  router.after(609375us);
  EXPECT_EQ(router.transition().cause, Cause::Preempted);
  EXPECT_EQ(router.transition().peer, kHigher);
  EXPECT_EQ(router.transition().peer_priority, 99);
}

/// Had followed a better router, so is no newcomer any more.
Driver settled_backup() {
  Driver router = backup();
  router(heard(200));
  return router;
}

TEST(Backup, ALowerRouterThatFellSilentTooIsNotPreempted) {
  Driver router = settled_backup();
  router(heard(99));
  router.after(3609375us);
  EXPECT_EQ(router.transition().cause, Cause::DownTimer);
}

// 6.1: Skew_Time of priority 100 is 156/256 of the interval
TEST(Backup, ANewcomerWaitsForItsSkewWhenItHearsALowerPriority) {
  Driver router = backup();
  EXPECT_EQ(router.after(400ms, heard(99)), "");
  EXPECT_EQ(router.until_deadline(), 609375us);
  EXPECT_EQ(router.after(300ms, heard(99)), "");
  EXPECT_EQ(router.until_deadline(), 309375us) << "not put off by the next one";
  router.after(309375us);
  EXPECT_EQ(router.transition().cause, Cause::Preempted);
}

TEST(Backup, AnEqualOrHigherPriorityEndsThatForGood) {
  for (const int priority : {100, 101}) {
    Driver router = backup();
    router(heard(99));
    router.after(100ms, heard(priority));
    EXPECT_EQ(router.until_deadline(), 3609375us) << priority;
    router.after(100ms, heard(99));
    EXPECT_EQ(router.until_deadline(), 3509375us) << priority;
  }
}

TEST(Backup, WhoHasYieldedIsNoNewcomer) {
  Driver router = active();
  router(Yield{});
  router.after(1s, heard(99));
  EXPECT_EQ(router.until_deadline(), 2609375us);
}

TEST(Backup, ANewcomerThatMayNotPreemptYetWaits) {
  RouterSettings settings;
  settings.preempt_delay = 5s;
  Driver router = backup(settings);
  router.after(1s, heard(99));
  EXPECT_EQ(router.until_deadline(), 3609375us);
}

TEST(Backup, WithoutPreemptionALowerPriorityHoldsItBack) {
  RouterSettings settings;
  settings.preempt = false;
  Driver router = backup(settings);
  EXPECT_EQ(router.after(3s, heard(1)), "");
  EXPECT_EQ(router.until_deadline(), 3609375us);
}

TEST(Backup, TheOwnerPreemptsWhateverIsConfigured) {
  // 6.1: Preempt_Mode never applies to the owner
  RouterSettings settings;
  settings.preempt = false;
  Driver router = backup(settings, 254);
  router(heard(254));
  router(SetPriority{255});
  const Instant deadline = next_deadline(router.state);
  router.after(1s, heard(254));
  EXPECT_EQ(next_deadline(router.state), deadline);
}

TEST(Backup, AdoptsTheIntervalOfTheActiveRouter) {
  Driver router = backup();
  router(heard(200, kHigher, 100ms));
  EXPECT_EQ(router.until_deadline(), 360937us);  // 300 ms + 156/256 of 100 ms
  router(heard(200, kHigher, 5s));
  EXPECT_EQ(router.until_deadline(), 18046875us);
  // never less than one centisecond
  router(heard(200, kHigher, 1us));
  EXPECT_EQ(router.until_deadline(), 36093us);
}

TEST(Backup, Version2KeepsItsOwnInterval) {
  Driver router = backup(version_2());
  router(heard(200, kHigher, 5s));
  EXPECT_EQ(router.until_deadline(), 3609375us);
}

TEST(Backup, AResignationIsTakenOverWithinOneCentisecondOfSkew) {
  for (const RouterSettings& settings : {RouterSettings{}, version_2()}) {
    Driver router = backup(settings, 90);
    router(heard(200));
    EXPECT_EQ(router.after(500ms, heard(0)), "");
    EXPECT_EQ(router.until_deadline(), 6484us);
    EXPECT_EQ(router.after(6484us), "add, send 90 1000ms, announce, backup>active");
    EXPECT_EQ(router.transition().cause, Cause::Resigned);
    EXPECT_EQ(router.transition().peer, kHigher);
  }
}

TEST(Backup, WithoutFastAbdicationAResignationCostsTheSkewOfTheRfc) {
  RouterSettings settings;
  settings.fast_abdication = false;
  Driver router = backup(settings, 90);
  router(heard(200));
  router(heard(0));
  EXPECT_EQ(router.until_deadline(), 648437us);
  settings.version = Version::V2;
  settings.advertisement_interval = 5s;
  router = backup(settings, 90);
  router(heard(0));
  EXPECT_EQ(router.until_deadline(), 648437us);
}

TEST(Backup, RepeatedResignationsDoNotPutTheTakeOverOff) {
  Driver router = backup({}, 90);
  router(heard(0));
  const Instant deadline = next_deadline(router.state);
  router.after(5ms, heard(0));
  EXPECT_EQ(next_deadline(router.state), deadline);
}

TEST(Backup, AnAdvertisementAfterAResignationCallsTheTakeOverOff) {
  Driver router = backup({}, 90);
  router(heard(0));
  router.after(5ms, heard(200, kLower));
  EXPECT_EQ(router.until_deadline(), 3648437us);
  router.after(router.until_deadline());
  EXPECT_EQ(router.transition().cause, Cause::DownTimer);
}

TEST(Backup, APriorityChangeKeepsTheRunningTimer) {
  Driver router = backup();
  EXPECT_EQ(router.after(1s, SetPriority{50}), "");
  EXPECT_EQ(router.until_deadline(), 2609375us);
  router(heard(60));
  EXPECT_EQ(router.until_deadline(), 3804687us);  // 206/256 s of skew
}

TEST(Backup, LeavesWithoutAPacket) {
  for (const Leave leave : {Leave::Planned, Leave::Fault, Leave::Mute}) {
    Driver router = backup();
    EXPECT_EQ(router(Disable{leave}), "backup>initialize");
    EXPECT_EQ(next_deadline(router.state), kNever);
    EXPECT_FALSE(holds_addresses(router.state));
  }
}

TEST(Backup, IsEnabledAlready) {
  Driver router = backup();
  EXPECT_EQ(router.after(1s, Enable{120}), "");
  EXPECT_EQ(router.until_deadline(), 2609375us);
  EXPECT_EQ(router.state.priority, 120);
}

// ---- 6.4.3 Active

TEST(Active, AdvertisesOnAnAbsoluteSchedule) {
  Driver router = active();
  EXPECT_EQ(router.after(1s), "send 100 1000ms");
  // served 30 ms late: the next one is due when it always was
  EXPECT_EQ(router.after(1030ms), "send 100 1000ms");
  EXPECT_EQ(std::get<SendAdvertisement>(router.last[0]).lateness, 30ms);
  EXPECT_EQ(router.until_deadline(), 970ms);
}

TEST(Active, MissedAdvertisementsAreNotSentInABurst) {
  Driver router = active();
  EXPECT_EQ(router.after(4200ms), "send 100 1000ms");
  EXPECT_EQ(router.until_deadline(), 800ms);
}

TEST(Active, AnswersAResignationAndKeepsItsSchedule) {
  Driver router = active();
  EXPECT_EQ(router.after(400ms, heard(0)), "send 100 1000ms");
  EXPECT_EQ(router.until_deadline(), 600ms);
}

TEST(Active, YieldsToAHigherPriority) {
  Driver router = active();
  EXPECT_EQ(router.after(100ms, heard(101, kLower, 100ms)),
            "remove, send 100 1000ms, active>backup");
  EXPECT_EQ(router.transition().cause, Cause::HigherPriority);
  EXPECT_EQ(router.transition().peer, kLower);
  EXPECT_EQ(router.transition().peer_priority, 101);
  EXPECT_EQ(router.until_deadline(), 360937us);
  EXPECT_FALSE(holds_addresses(router.state));
}

TEST(Active, AtEqualPriorityTheHigherAddressWins) {
  Driver router = active();
  EXPECT_EQ(router(heard(100, kLower)), "send 100 1000ms, announce");
  EXPECT_EQ(router(heard(100, kHigher)), "remove, send 100 1000ms, active>backup");
  EXPECT_EQ(router.transition().cause, Cause::HigherAddress);
}

TEST(Active, TwoOwnersSettleByAddress) {
  // 7.1, erratum 8298: the election decides. The address it speaks from may be the one it gives up.
  Driver router = initialize();
  router(Enable{255});
  EXPECT_EQ(router(heard(255, kHigher)), "send 255 1000ms, remove, active>backup");
}

TEST(Active, ALosingAdvertisementIsAnsweredAtOnceButNotAtWireSpeed) {
  Driver router = active();
  router.now += 100ms;
  EXPECT_EQ(router(heard(99)), "send 100 1000ms, announce");
  EXPECT_EQ(router.until_deadline(), 900ms);
  EXPECT_EQ(router.after(9999us, heard(99)), "");
  EXPECT_EQ(router.after(1us, heard(99)), "send 100 1000ms, announce");
}

TEST(Active, Version2DoesNotAnswerALosingAdvertisementButAnnounces) {
  Driver router = active(version_2());
  EXPECT_EQ(router.after(100ms, heard(99)), "announce");
  EXPECT_EQ(router.until_deadline(), 900ms);
  EXPECT_EQ(router.after(9999us, heard(99)), "");
}

TEST(Active, SaysAChangedPriorityWithTheNextAdvertisement) {
  Driver router = active();
  EXPECT_EQ(router(SetPriority{50}), "");
  EXPECT_EQ(router.after(1s), "send 50 1000ms");
}

TEST(Active, AFaultTakesTheAddressesOffAndResignsFast) {
  Driver router = active();
  EXPECT_EQ(router(Disable{Leave::Fault}), "remove, send 100 10ms, send 0 10ms, active>initialize");
  EXPECT_EQ(router.transition().cause, Cause::Fault);
  EXPECT_FALSE(holds_addresses(router.state));
  EXPECT_EQ(next_deadline(router.state), kNever);
}

TEST(Active, Version2ResignsWithPriorityZeroAlone) {
  Driver router = active(version_2());
  EXPECT_EQ(router(Disable{Leave::Fault}), "remove, send 0 1000ms, active>initialize");
  RouterSettings slow;
  slow.fast_abdication = false;
  router = active(slow);
  EXPECT_EQ(router(Disable{Leave::Fault}), "remove, send 0 1000ms, active>initialize");
}

TEST(Active, WithoutALinkItLeavesWithoutAPacket) {
  Driver router = active();
  EXPECT_EQ(router(Disable{Leave::Mute}), "remove, active>initialize");
}

}  // namespace
}  // namespace haguard::vrrp
