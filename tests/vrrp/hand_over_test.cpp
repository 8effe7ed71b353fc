// Make before break: a planned hand-over keeps the addresses until the successor speaks.
#include <gtest/gtest.h>

#include "tests/vrrp/router_driver.h"

namespace haguard::vrrp {
namespace {

TEST(HandOver, KeepsTheAddressesUntilTheSuccessorSpeaks) {
  Driver router = active();
  EXPECT_EQ(router(Disable{Leave::Planned}), "send 100 10ms, send 0 10ms, active>initialize");
  EXPECT_EQ(router.transition().cause, Cause::Stopped);
  EXPECT_TRUE(holds_addresses(router.state));
  EXPECT_EQ(router.after(1ms, heard(0)), "");  // somebody else resigns: no successor
  EXPECT_EQ(router.after(6ms, heard(90)), "remove, taken over");
  EXPECT_EQ(std::get<Released>(router.last[1]).after, 7ms);
  EXPECT_FALSE(holds_addresses(router.state));
}

TEST(HandOver, GivesUpAfterTheLongestSkewAndAMargin) {
  RouterSettings slow;
  slow.fast_abdication = false;
  RouterSettings slower = slow;
  slower.advertisement_interval = 40s;
  RouterSettings quick = slow;
  quick.advertisement_interval = 100ms;
  const std::vector<std::pair<RouterSettings, Duration>> table{{RouterSettings{}, 110ms},
                                                               {version_2(), 1100ms},
                                                               {slow, 1100ms},
                                                               {slower, 1100ms},
                                                               {quick, 200ms}};
  for (const auto& [settings, limit] : table) {
    Driver router = active(settings);
    router(Disable{Leave::Planned});
    EXPECT_EQ(router.until_deadline(), limit);
    EXPECT_EQ(router.after(limit), "remove, released");
    EXPECT_EQ(next_deadline(router.state), kNever);
  }
}

TEST(HandOver, AFaultInItTakesTheAddressesOffAtOnce) {
  Driver router = active();
  router(Disable{Leave::Planned});
  EXPECT_EQ(router(Disable{Leave::Planned}), "");
  EXPECT_EQ(router(Disable{Leave::Mute}), "remove, released");
}

TEST(HandOver, ComingBackInItStartsAsBackup) {
  Driver router = active();
  router(Disable{Leave::Planned});
  EXPECT_EQ(router(Enable{100}), "remove, released, initialize>backup");
  EXPECT_FALSE(holds_addresses(router.state));
}

TEST(Offer, KeepsEverythingUntilItIsToldToLeaveToTheSuccessor) {
  Driver router = active();
  EXPECT_EQ(router(OfferHandOver{110ms}), "send 100 10ms, send 0 10ms");
  EXPECT_EQ(router.state.state, State::Active);
  EXPECT_EQ(router.after(1ms, heard(0)), "");  // somebody else resigns: no successor
  EXPECT_FALSE(router.state.offer->successor);
  EXPECT_EQ(router.after(6ms, heard(1, kLower)), "");  // worse than we were, and still the one
  EXPECT_EQ(router.state.offer->successor, kLower);
  EXPECT_TRUE(holds_addresses(router.state));
  router.now += 1ms;
  EXPECT_EQ(router(Disable{Leave::Planned}), "remove, taken over, active>initialize");
  EXPECT_EQ(std::get<Released>(router.last[1]).after, 8ms);
  EXPECT_EQ(router.state.active_router, kLower);
  EXPECT_FALSE(holds_addresses(router.state));
}

TEST(Offer, IsTakenBackWhenNobodyComesAndTheAddressesNeverLeft) {
  for (const RouterSettings& settings : {RouterSettings{}, version_2()}) {
    Driver router = active(settings);
    router(OfferHandOver{200ms});
    EXPECT_EQ(router.until_deadline(), 200ms);
    EXPECT_EQ(router.after(200ms), "send 100 1000ms, announce");
    EXPECT_EQ(router.state.state, State::Active);
    EXPECT_EQ(router.until_deadline(), 1s);
    EXPECT_EQ(router(heard(101)).substr(0, 6), "remove");  // an ordinary Active router again
  }
}

TEST(Offer, IsTakenBackAsAWholeWhenItWasAnsweredButNobodySaidLeave) {
  Driver router = active();
  router(OfferHandOver{110ms});
  router.after(7ms, heard(90));
  EXPECT_EQ(router.after(103ms), "send 100 1000ms, announce");
  EXPECT_TRUE(holds_addresses(router.state));
}

TEST(Offer, OfOneThatIsNotActiveIsNone) {
  Driver router = backup();
  EXPECT_EQ(router(OfferHandOver{110ms}), "");
  EXPECT_FALSE(router.state.offer);
}

TEST(Offer, AStopBeforeTheAnswerIsAPlannedHandOver) {
  Driver router = active();
  router(OfferHandOver{110ms});
  router.now += 5ms;
  EXPECT_EQ(router(Disable{Leave::Planned}), "send 100 10ms, send 0 10ms, active>initialize");
  EXPECT_EQ(router.until_deadline(), 110ms);
  EXPECT_FALSE(router.state.offer);
}

TEST(Offer, AFaultInItTakesTheAddressesOffAtOnce) {
  Driver router = active();
  router(OfferHandOver{110ms});
  EXPECT_EQ(router(Disable{Leave::Fault}), "remove, send 100 10ms, send 0 10ms, active>initialize");
}

TEST(Offer, APriorityThatFallsMeanwhileIsNoSecondOne) {
  Driver router = active();
  router(OfferHandOver{110ms});
  EXPECT_EQ(router(Contest{50}), "");
  EXPECT_EQ(router.after(110ms), "send 50 1000ms, announce");
}

}  // namespace
}  // namespace haguard::vrrp
