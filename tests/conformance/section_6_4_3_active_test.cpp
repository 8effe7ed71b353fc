// RFC 9568 6.4.3, the state Active. What is done beyond it, or otherwise: deviations_test.cpp.
#include "tests/conformance/driver.h"

namespace haguard::conformance {
namespace {

const Lines kAnswer{"advertise 100 every 100 cs", "announce 192.0.2.10"};

bool yields(const Lines& lines) {
  return !lines.empty() && lines.front() == "addresses off" && lines.back() == "backup";
}

TEST(Section643, AdvertisesEveryIntervalExactly) {
  Router router = active({.interval = "100ms"});  // since 0.360937
  EXPECT_EQ(router.until(700ms),
            (Lines{"0.460937 advertise 100 every 10 cs", "0.560937 advertise 100 every 10 cs",
                   "0.660937 advertise 100 every 10 cs"}));
}

TEST(Section643, AShutdownEndsWithPriority0) {
  Router router = active({.more = "fast_abdication = false"});
  EXPECT_EQ(router.shutdown(), (Lines{"advertise 0 every 100 cs", "initialize"}));
  // the Adver_Timer is cancelled, and the addresses do go
  EXPECT_EQ(router.until(60s), at("4.709375", {"addresses off", "exit"}));
}

TEST(Section643, ALostLinkEndsItSilently) {
  Router router = active();
  EXPECT_EQ(router.link_lost(), (Lines{"addresses off", "initialize"}));
  EXPECT_EQ(router.until(60s), Lines{});
}

TEST(Section643, Priority0IsAnsweredAtOnce) {
  Router router = active();
  EXPECT_EQ(router.receive({.priority = 0}), Lines{"advertise 100 every 100 cs"});
  EXPECT_EQ(router.state(), "active");
}

TEST(Section643, AHigherPriorityMakesItBackup) {
  for (const int priority : {101, 254, 255}) {
    for (const char* source : {"192.0.2.1", "192.0.2.9"}) {
      Router router = active();
      EXPECT_TRUE(yields(router.receive({.priority = priority, .source = source}))) << priority;
      EXPECT_EQ(router.state(), "backup");
    }
  }
}

TEST(Section643, AHigherPriorityCancelsTheAdverTimerAndStartsTheDownTimer) {
  Router router = active();  // at 3.609375
  router.receive({.priority = 200});
  EXPECT_EQ(router.until(7218749us), Lines{});
  EXPECT_EQ(router.until(7218750us), at("7.218750", take_over()));
}

TEST(Section643, TheIntervalOfTheWinnerIsAdopted) {
  Router router = active();  // at 3.609375
  router.receive({.priority = 200, .interval = 10});
  EXPECT_EQ(router.becomes_active(), 3970312us);  // 0.3 s + 156/256 of 0.1 s: 0.360937
}

TEST(Section643, WithAnEqualPriorityTheHigherAddressWins) {
  Router against_higher = active();
  EXPECT_TRUE(yields(against_higher.receive({.source = "192.0.2.9"})));
  Router against_lower = active();
  EXPECT_EQ(against_lower.receive({.source = "192.0.2.1"}), kAnswer);
  EXPECT_EQ(against_lower.state(), "active");
}

TEST(Section643, AddressesAreComparedAsUnsignedNumbersInNetworkOrder) {
  const auto wins = [](const char* own, const char* source) {
    Router router = active({.own = own});
    return !yields(router.receive({.source = source}));
  };
  EXPECT_TRUE(wins("192.0.2.5", "10.255.255.255"));
  EXPECT_TRUE(wins("192.0.2.5", "192.0.1.200"));
  EXPECT_FALSE(wins("192.0.2.5", "192.0.3.1"));
  EXPECT_TRUE(wins("200.0.0.1", "100.0.0.1"));  // as signed bytes it would lose
  EXPECT_FALSE(wins("100.0.0.1", "200.0.0.1"));
  EXPECT_FALSE(wins("1.0.0.2", "2.0.0.1"));  // as little-endian numbers it would win
}

TEST(Section643, AnyOtherAdvertisementIsAnsweredAtOnce) {
  for (const int priority : {1, 50, 99}) {
    Router router = active();
    EXPECT_EQ(router.receive({.priority = priority}), kAnswer) << priority;
    EXPECT_EQ(router.state(), "active");
  }
}

TEST(Section643, ALosersIntervalIsNotAdopted) {
  Router router = active();
  router.receive({.priority = 50, .interval = 1});
  EXPECT_EQ(router.until(5s), Lines{"4.609375 advertise 100 every 100 cs"});
}

TEST(Section643, PreemptModeIsOfNoMatterHere) {
  Router router = active({.more = "preempt = false"});
  EXPECT_EQ(router.receive({.priority = 99}), kAnswer);
  EXPECT_TRUE(yields(router.receive({.priority = 101})));
}

}  // namespace
}  // namespace haguard::conformance
