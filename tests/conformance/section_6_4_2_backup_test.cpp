// RFC 9568 6.4.2, the state Backup.
#include "tests/conformance/driver.h"

namespace haguard::conformance {
namespace {

constexpr const char* kRfcTiming = "fast_abdication = false";

TEST(Section642, AShutdownCancelsTheTimerSilently) {
  Router router = backup();
  EXPECT_EQ(router.shutdown(), (Lines{"exit", "initialize"}));
  EXPECT_EQ(router.until(60s), Lines{});
}

TEST(Section642, ALostLinkCancelsTheTimer) {
  Router router = backup();
  EXPECT_EQ(router.link_lost(), Lines{"initialize"});
  EXPECT_EQ(router.until(60s), Lines{});
}

TEST(Section642, WhenTheTimerFiresItAdvertisesAnnouncesAndIsActive) {
  Router router = backup();
  EXPECT_EQ(router.until(3609374us), Lines{});
  EXPECT_EQ(router.until(3609375us), at("3.609375", take_over()));
  // Adver_Timer = Advertisement_Interval
  EXPECT_EQ(router.until(5s), Lines{"4.609375 advertise 100 every 100 cs"});
}

TEST(Section642, NothingIsSentBefore) {
  Router router = backup();
  for (Duration now = 0s; now < 20s; now += 500ms) {
    EXPECT_EQ(router.until(now), Lines{});
    EXPECT_EQ(router.receive({.priority = 200}), Lines{});
  }
}

TEST(Section642, Priority0SetsTheTimerToTheSkew) {
  Router router = backup({.more = kRfcTiming});
  router.until(1s);
  EXPECT_EQ(router.receive({.priority = 0}), Lines{});
  EXPECT_EQ(router.becomes_active(), 1609375us);
}

TEST(Section642, TheSkewAfterPriority0IsThatOfTheActiveRoutersInterval) {
  Router router = backup({.more = kRfcTiming});
  router.receive({.interval = 10});
  router.receive({.priority = 0, .interval = 100});  // adopts nothing
  EXPECT_EQ(router.becomes_active(), 60937us);       // 156/256 of 100 ms
}

TEST(Section642, AnEqualOrHigherPriorityRestartsTheTimer) {
  for (const int priority : {100, 101, 254, 255}) {
    Router router = backup();
    router.until(3s);
    EXPECT_EQ(router.receive({.priority = priority}), Lines{});
    EXPECT_EQ(router.becomes_active(), 6609375us) << priority;
  }
}

TEST(Section642, AnEqualPriorityDoesSoWhateverItsAddress) {
  for (const char* source : {"192.0.2.1", "192.0.2.9"}) {
    Router router = backup();
    router.until(3s);
    router.receive({.source = source});
    EXPECT_EQ(router.becomes_active(), 6609375us) << source;
  }
}

TEST(Section642, ItAdoptsTheIntervalAndComputesBothTimesFromIt) {
  struct Case {
    int centiseconds;
    Duration down;
  };
  // 3 intervals + 156/256 of one
  for (const auto& [interval, down] :
       {Case{1, 36093us}, Case{10, 360937us}, Case{200, 7218750us}, Case{500, 18046875us}}) {
    Router router = backup();
    router.receive({.interval = interval});
    EXPECT_EQ(router.becomes_active(), down) << interval;
  }
}

TEST(Section642, TheLastIntervalHeardCounts) {
  Router router = backup();
  router.receive({.interval = 500});
  router.until(1s);
  router.receive({.interval = 100});
  EXPECT_EQ(router.becomes_active(), 4609375us);
}

TEST(Section642, ALowerPriorityIsDiscarded) {
  Router router = backup();
  router.until(3s);
  EXPECT_EQ(router.receive({.priority = 99, .interval = 1}), Lines{});
  EXPECT_EQ(router.becomes_active(), 3609375us);  // neither restarted nor scaled
}

TEST(Section642, WithoutPreemptModeALowerPriorityRestartsTheTimer) {
  Router router = backup({.more = "preempt = false"});
  router.until(3s);
  router.receive({.priority = 1});
  EXPECT_EQ(router.becomes_active(), 6609375us);
}

TEST(Section642, WithoutPreemptModeItTakesOverFromTheDeadAndTheResigned) {
  Router silent = backup({.more = "preempt = false"});
  EXPECT_EQ(silent.becomes_active(), 3609375us);
  Router resigned = backup({.more = "preempt = false\nfast_abdication = false"});
  resigned.receive({.priority = 1});
  resigned.receive({.priority = 0});
  EXPECT_EQ(resigned.becomes_active(), 609375us);
}

}  // namespace
}  // namespace haguard::conformance
