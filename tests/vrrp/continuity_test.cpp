// The router when something other than the protocol interferes: a predecessor's addresses, a loop
// that was held up, addresses that vanish, a sync group, a delay before it may preempt.
#include <gtest/gtest.h>

#include "tests/vrrp/router_driver.h"

namespace haguard::vrrp {
namespace {

RouterSettings without_preemption() {
  RouterSettings settings;
  settings.preempt = false;
  return settings;
}

RouterSettings delayed(Duration delay) {
  RouterSettings settings;
  settings.preempt_delay = delay;
  return settings;
}

// ---- adoption

TEST(Adopt, GoesOnAsActiveAtOnce) {
  Driver router = initialize();
  EXPECT_EQ(router(Adopt{80}), "add, send 80 1000ms, announce, initialize>active");
  EXPECT_EQ(router.transition().cause, Cause::Adopted);
  EXPECT_EQ(router.until_deadline(), 1s);
}

TEST(Adopt, IsForInitializeOnly) {
  Driver router = backup();
  EXPECT_EQ(router(Adopt{80}), "");
  EXPECT_EQ(router.state.state, State::Backup);
}

TEST(Adopt, YieldsToABetterRouterLikeAnyActive) {
  Driver router = initialize();
  router(Adopt{80});
  EXPECT_EQ(router(heard(90)), "remove, send 80 1000ms, active>backup");
}

// ---- a sync group gives way

TEST(Yield, ResignsAndListensForTheDownInterval) {
  Driver router = active();
  EXPECT_EQ(router(Yield{}), "remove, send 100 10ms, send 0 10ms, active>backup");
  EXPECT_EQ(router.transition().cause, Cause::Group);
  EXPECT_EQ(router.until_deadline(), 3609375us);
}

TEST(Yield, IsNothingToWhoIsNotActive) {
  Driver waiting = backup();
  EXPECT_EQ(waiting(Yield{}), "");
  Driver idle = initialize();
  EXPECT_EQ(idle(Yield{}), "");
}

// ---- held up

TEST(Stalled, AnnouncesAgainWithTheNextAdvertisementWhenNobodySpoke) {
  Driver router = active();
  router.now += 5s;
  EXPECT_EQ(router(Stalled{}), "");
  EXPECT_EQ(router(Expired{}), "send 100 1000ms, announce");
  EXPECT_EQ(router.after(router.until_deadline()), "send 100 1000ms");
}

TEST(Stalled, YieldsToABetterRouterThatSpokeMeanwhileBeforeItAdvertises) {
  Driver router = active();
  router.now += 5s;
  router(Stalled{});
  EXPECT_EQ(router(heard(110)), "remove, send 100 1000ms, active>backup");
}

TEST(Stalled, WithoutPreemptionWhoeverTookOverKeepsTheAddresses) {
  Driver router = active(without_preemption());
  router.now += 5s;
  EXPECT_EQ(router(Stalled{}), "remove, active>backup");
  EXPECT_EQ(router.transition().cause, Cause::Stalled);
  EXPECT_EQ(router(heard(90)), "");
  EXPECT_EQ(router.until_deadline(), 3609375us);
}

TEST(Stalled, TheOwnerIsNotAskedToGiveWay) {
  Driver router = initialize(without_preemption());
  router(Enable{255});
  router.now += 5s;
  EXPECT_EQ(router(Stalled{}), "");
  EXPECT_EQ(router.state.state, State::Active);
}

TEST(Stalled, IsNothingToABackup) {
  Driver router = backup();
  EXPECT_EQ(router(Stalled{}), "");
}

// ---- addresses that somebody removed

TEST(AddressesLost, ArePutBackAndAnnounced) {
  Driver router = active();
  const Duration before = router.until_deadline();
  EXPECT_EQ(router(AddressesLost{}), "add, announce");
  EXPECT_EQ(router.until_deadline(), before);
}

TEST(AddressesLost, ArePutBackWhileASuccessorIsAwaited) {
  Driver router = active();
  router(Disable{Leave::Planned});
  EXPECT_EQ(router(AddressesLost{}), "add");
}

TEST(AddressesLost, AreNotPutBackByWhoDoesNotHoldThem) {
  Driver router = backup();
  EXPECT_EQ(router(AddressesLost{}), "");
}

// ---- preempt_delay

TEST(PreemptDelay, CountsFromTheFirstWorseAdvertisement) {
  Driver router = backup(delayed(5s));
  EXPECT_EQ(router.after(1s, heard(90)), "");
  EXPECT_EQ(router.until_deadline(), 3609375us);
  for (int i = 0; i < 4; ++i) {
    router.after(1s, heard(90));
    EXPECT_EQ(router.until_deadline(), 3609375us);
  }
  // 5 s after the first one: from here on they are discarded
  router.after(1s, heard(90));
  EXPECT_EQ(router.until_deadline(), 2609375us);
  EXPECT_EQ(router.after(2609375us), "add, send 100 1000ms, announce, backup>active");
}

TEST(PreemptDelay, BeginsAnewAfterABetterRouterSpoke) {
  Driver router = backup(delayed(2s));
  router.after(1s, heard(90));
  router.after(1s, heard(110));
  router.after(1s, heard(90));
  EXPECT_EQ(router.until_deadline(), 3609375us);
  router.after(1s, heard(90));
  EXPECT_EQ(router.until_deadline(), 3609375us);
  router.after(1s, heard(90));
  EXPECT_EQ(router.until_deadline(), 2609375us);
}

TEST(PreemptDelay, DoesNotDelayTheTakeOverOfADeadRouter) {
  Driver router = backup(delayed(60s));
  router.after(1s, heard(90));
  EXPECT_EQ(router.after(3609375us), "add, send 100 1000ms, announce, backup>active");
  EXPECT_EQ(router.transition().cause, Cause::DownTimer);
}

// ---- the owner speaks from an address that it may be about to lose

TEST(Owner, ResignsBeforeItsAddressesAreGone) {
  Driver router = initialize();
  router(Enable{255});
  EXPECT_EQ(router(Disable{Leave::Fault}), "send 255 10ms, send 0 10ms, remove, active>initialize");
}

}  // namespace
}  // namespace haguard::vrrp
