// RFC 3768 6.1 and 6.4 where version 2 differs from RFC 9568: the timers are those of our own
// configuration, the skew is a part of a second, and a losing advertisement is not answered.
#include "tests/conformance/driver.h"

namespace haguard::conformance {
namespace {

constexpr const char* kAdvertise = "advertise 100 every 1 s";

Packet heard(int priority) {
  Packet packet = version_2();
  packet.priority = priority;
  return packet;
}

TEST(Rfc3768Timers, SkewTimeIsAPartOfASecondWhateverTheInterval) {  // 6.1
  struct Row {
    int priority;
    Duration skew;
  };
  // (256 - priority) / 256 s
  for (const auto& [priority, skew] : {Row{1, 996093us}, Row{90, 648437us}, Row{100, 609375us},
                                       Row{200, 218750us}, Row{253, 11718us}, Row{254, 7812us}}) {
    for (const char* interval : {"1s", "3s", "255s"}) {
      Router router = backup({.version = 2,
                              .priority = priority,
                              .interval = interval,
                              .more = "fast_abdication = false"});
      Packet resignation = heard(0);
      resignation.interval = std::stoi(interval);
      router.receive(resignation);
      EXPECT_EQ(router.becomes_active(), skew) << priority << " " << interval;
    }
  }
}

TEST(Rfc3768Timers, MasterDownIntervalIsThreeOfOurIntervalsAndTheSkew) {  // 6.1
  EXPECT_EQ(backup({.version = 2}).becomes_active(), 3609375us);
  EXPECT_EQ(backup({.version = 2, .interval = "3s"}).becomes_active(), 9609375us);
  EXPECT_EQ(backup({.version = 2, .priority = 254}).becomes_active(), 3007812us);
}

TEST(Rfc3768States, ABackupTakesOverWhenTheTimerFires) {  // 6.4.2
  Router router = backup({.version = 2});
  EXPECT_EQ(router.until(5s), at("3.609375", take_over(kAdvertise)) + at("4.609375", {kAdvertise}));
}

TEST(Rfc3768States, ABackupFollowsAnEqualOrHigherPriorityAndDiscardsALower) {  // 6.4.2
  for (const auto& [priority, when] :
       {std::pair{99, 3609375us}, std::pair{100, 6609375us}, std::pair{200, 6609375us}}) {
    Router router = backup({.version = 2});
    router.until(3s);
    EXPECT_EQ(router.receive(heard(priority)), Lines{});
    EXPECT_EQ(router.becomes_active(), when) << priority;
  }
}

TEST(Rfc3768States, WithoutPreemptModeALowerPriorityRestartsTheTimer) {  // 6.4.2
  Router router = backup({.version = 2, .more = "preempt = false"});
  router.until(3s);
  router.receive(heard(1));
  EXPECT_EQ(router.becomes_active(), 6609375us);
}

TEST(Rfc3768States, AShutdownOfTheMasterEndsWithPriority0) {  // 6.4.3
  Router router = active({.version = 2});
  EXPECT_EQ(router.shutdown(), (Lines{"advertise 0 every 1 s", "initialize"}));
}

TEST(Rfc3768States, Priority0IsAnsweredAtOnce) {  // 6.4.3
  Router router = active({.version = 2});
  EXPECT_EQ(router.receive(heard(0)), Lines{kAdvertise});
}

TEST(Rfc3768States, ALosingAdvertisementIsDiscarded) {  // 6.4.3: no answer in version 2
  Router router = active({.version = 2});
  EXPECT_EQ(router.receive(heard(99)), Lines{"announce 192.0.2.10"});
  EXPECT_EQ(router.messages(), Lines{});
  EXPECT_EQ(router.until(5s), at("4.609375", {kAdvertise}));
}

TEST(Rfc3768States, AHigherPriorityOrAddressMakesTheMasterBackup) {  // 6.4.3
  for (const int priority : {100, 101}) {
    Router router = active({.version = 2});  // at 3.609375
    router.receive(heard(priority));         // from the higher address
    EXPECT_EQ(router.state(), "backup");
    EXPECT_EQ(router.becomes_active(), 7218750us);
  }
}

}  // namespace
}  // namespace haguard::conformance
