// Where haguard does more than a clause asks, or something else: one test for each deviation that
// docs/rfc9568.md argues, so that it stays what is written there.
#include "tests/conformance/driver.h"

namespace haguard::conformance {
namespace {

TEST(Deviation, TheSourceMacIsThatOfTheInterface) {  // 7.2, 7.3, 8.1.2
  // Ethernet source, and sender of the ARP: not 00:00:5e:00:01:33
  const std::string frame = active().frames().at(0);
  EXPECT_EQ(frame.substr(12, 12), "020000000005");
  EXPECT_EQ(frame.substr(44, 12), "020000000005");
}

TEST(Deviation, AYieldingRouterSpeaksOnceMore) {  // 6.4.3
  Router router = active();
  EXPECT_EQ(router.receive({.priority = 200}),
            (Lines{"addresses off", "advertise 100 every 100 cs", "backup"}));
  Router version2 = active({.version = 2});
  Packet winner = version_2();
  winner.priority = 200;
  EXPECT_EQ(version2.receive(winner),
            (Lines{"addresses off", "advertise 100 every 1 s", "backup"}));
}

TEST(Deviation, AResignationOfVersion3BeginsWithAnIntervalOfOneCentisecond) {  // 6.4.3
  Router router = active({.addresses = {"192.0.2.10", "192.0.2.11"},
                          .more = "checksum = \"rfc5798\"",
                          .own = "192.0.2.1"});
  EXPECT_EQ(router.shutdown(),
            (Lines{"advertise 100 every 1 cs", "advertise 0 every 1 cs", "initialize"}));
  EXPECT_EQ(router.messages().at(0), "313364020001441ec000020ac000020b");
}

TEST(Deviation, AResignationOfVersion2IsPlain) {  // 7.1 would discard another interval
  EXPECT_EQ(active({.version = 2}).shutdown(), (Lines{"advertise 0 every 1 s", "initialize"}));
}

TEST(Deviation, AResignationIsTakenOverWithinOneCentisecondOfSkew) {  // 6.4.2
  for (const Packet& example : {Packet{}, version_2()}) {
    Router router = backup({.version = example.version, .priority = 90});
    Packet resignation = example;
    resignation.priority = 0;
    router.receive(resignation);
    EXPECT_EQ(router.becomes_active(), 6484us);  // 166/256 of 10 ms
  }
}

TEST(Deviation, Priority0OnlyEverShortensTheTimer) {  // 6.4.2
  Router router = backup({.more = "fast_abdication = false"});
  router.until(3500ms);
  router.receive({.priority = 0});  // the skew would end at 4.109375
  EXPECT_EQ(router.becomes_active(), 3609375us);
}

TEST(Deviation, WhatIsSaidOutsideOfTheScheduleDoesNotMoveIt) {  // 6.4.3: priority 0
  Router router = active();                                     // at 3.609375
  router.until(4500ms);
  EXPECT_EQ(router.receive({.priority = 0}), Lines{"advertise 100 every 100 cs"});
  EXPECT_EQ(router.until(5s), Lines{"4.609375 advertise 100 every 100 cs"});
}

TEST(Deviation, WhoSleptThroughTheSilenceWaitsForOneMoreAdvertisement) {  // 6.4.2
  // Active_Down_Interval for 100: 3.609375. A quarter of an interval late is not held up ...
  EXPECT_EQ(backup().wake_at(3859375us).back(), "3.859375 active");
  // ... more is, once.
  Router router = backup();
  EXPECT_EQ(router.wake_at(3859376us), Lines{});
  EXPECT_EQ(router.becomes_active(), 4859376us);
  Router twice = backup();
  twice.wake_at(5s);
  EXPECT_EQ(twice.wake_at(9s).back(), "9.000000 active");
  // Who is told that nobody is there does not wait.
  Router told = backup();
  told.receive({.priority = 0});
  EXPECT_EQ(told.wake_at(5s).back(), "5.000000 active");
}

TEST(Deviation, WhatIsLateDoesNotMoveTheSchedule) {  // 6.4.3: the Adver_Timer
  Router router = active();                          // at 3.609375
  EXPECT_EQ(router.wake_at(5500ms), Lines{"5.500000 advertise 100 every 100 cs"});
  EXPECT_EQ(router.until(6s), Lines{"5.609375 advertise 100 every 100 cs"});
}

TEST(Deviation, AnswersAreAtLeastTenMillisecondsApart) {  // 6.4.3
  Router router = active();                               // at 3.609375
  EXPECT_EQ(router.receive({.priority = 50}).size(), 2U);
  router.until(3619374us);
  EXPECT_EQ(router.receive({.priority = 50}), Lines{});
  EXPECT_EQ(router.receive({.priority = 0}), Lines{});
  router.until(3619375us);
  EXPECT_EQ(router.receive({.priority = 50}).size(), 2U);
}

TEST(Deviation, APriorityThatFallsBelowAPeersIsAnOfferToTakeOver) {  // 6.4.3
  Router router = backup({.more = kWeightedCheck});
  router.becomes_active();
  EXPECT_EQ(router.receive({.priority = 90}).size(), 2U);  // a peer that is worse, so far
  router.probes_fail();
  // Some probe later: priority 100 for one centisecond, 0, and 50 three centiseconds and 206/256
  // on.
  Lines said;
  for (Duration time = 3700ms; said.size() < 3 && time < 4500ms; time += 1ms) {
    for (const std::string& line : router.until(time)) {
      said.push_back(line);
    }
  }
  ASSERT_EQ(said.size(), 3U);
  const auto when = [&](std::size_t line) { return std::stod(said[line]); };
  EXPECT_EQ(said[0].substr(9), "advertise 100 every 1 cs");
  EXPECT_EQ(said[1].substr(9), "advertise 0 every 1 cs");
  EXPECT_EQ(said[2].substr(9), "advertise 50 every 100 cs");
  EXPECT_NEAR(when(2) - when(0), 0.038046, 0.000001);
}

/// Active since 3.609375, and knows of a peer.
Router active_with_a_peer() {
  Router router = active();
  router.receive({.priority = 90});
  return router;
}

TEST(Deviation, ADrainKeepsTheAddressesUntilASuccessorSpeaks) {  // 6.4.3
  Router router = active_with_a_peer();
  EXPECT_EQ(router.drain(), (Lines{"advertise 100 every 1 cs", "advertise 0 every 1 cs"}));
  EXPECT_EQ(router.state(), "active");
  EXPECT_EQ(router.until(3620ms), Lines{});
  EXPECT_EQ(router.receive({.priority = 0}), Lines{});
  EXPECT_EQ(router.receive({.priority = 90}), (Lines{"addresses off", "initialize"}));
  EXPECT_EQ(router.until(60s), Lines{});
}

TEST(Deviation, ADrainWithoutASuccessorIsTakenBack) {  // 6.4.3
  Router router = active_with_a_peer();
  router.drain();
  // the longest skew of one centisecond and 100 ms, and then the schedule begins anew
  EXPECT_EQ(router.until(4s),
            at("3.719375", {"advertise 100 every 100 cs", "announce 192.0.2.10"}));
  EXPECT_EQ(router.until(5s), at("4.719375", {"advertise 100 every 100 cs"}));
  EXPECT_EQ(router.state(), "active");
}

TEST(Deviation, TheAddressesOutliveAPlannedResignation) {  // 6.4.3
  // until the successor speaks
  Router router = active();  // at 3.609375
  router.shutdown();
  router.until(3620ms);
  EXPECT_EQ(router.receive({.priority = 0}), Lines{});
  EXPECT_EQ(router.receive({.priority = 90}), (Lines{"addresses off", "exit"}));
  // and no longer than the longest skew of one centisecond and 100 ms
  Router alone = active();
  alone.shutdown();
  EXPECT_EQ(alone.until(60s), at("3.719375", {"addresses off", "exit"}));
}

TEST(Deviation, ThreeMissedAdvertisementsMayBeAnotherNumber) {  // 6.1
  EXPECT_EQ(backup({.more = "down_adverts = 1"}).becomes_active(), 1609375us);
  EXPECT_EQ(backup({.more = "down_adverts = 5"}).becomes_active(), 5609375us);
}

TEST(Deviation, WhoComesAndHearsALowerPriorityWaitsForItsSkewOnly) {  // 6.4.2: discard
  Router router = backup();
  router.until(1s);
  EXPECT_EQ(router.receive({.priority = 99}), Lines{});
  EXPECT_EQ(router.becomes_active(), 1609375us);
  Router second = backup();
  second.receive({.priority = 100});
  second.until(1s);
  second.receive({.priority = 99});
  EXPECT_EQ(second.becomes_active(), 3609375us);
}

TEST(Deviation, PreemptionMayBeDelayed) {  // 6.4.2: Preempt_Mode
  Router router = backup({.more = "preempt_delay = \"5s\""});
  router.receive({.priority = 50});
  router.until(3s);
  router.receive({.priority = 50});  // not discarded: the timer starts anew
  EXPECT_EQ(router.until(5s), Lines{});
  router.receive({.priority = 50});  // from now on discarded: 3 s + 3.609375 s
  EXPECT_EQ(router.becomes_active(), 6609375us);
}

TEST(Deviation, TheElectionMayBeginLater) {  // 6.4.1: the Startup event
  Router router({.more = "startup_delay = \"5s\""});
  EXPECT_EQ(router.startup(), Lines{"addresses off"});
  EXPECT_EQ(router.until(6s), Lines{"5.000000 backup"});
  EXPECT_EQ(router.becomes_active(), 8609375us);
}

TEST(Deviation, Version2TakesAnotherListOfAddresses) {  // RFC 3768 7.1
  Packet packet = version_2();
  packet.addresses = {"192.0.2.11", "192.0.2.12"};
  Router router = backup({.version = 2});
  router.until(3s);
  EXPECT_EQ(router.receive(packet), Lines{});
  EXPECT_EQ(router.becomes_active(), 6609375us);
}

TEST(Deviation, OneVersionOnly) {  // 8.4.2
  EXPECT_EQ(backup().receive(version_2()), Lines{"rejected version"});
  EXPECT_EQ(backup({.version = 2}).receive({}), Lines{"rejected version"});
}

}  // namespace
}  // namespace haguard::conformance
