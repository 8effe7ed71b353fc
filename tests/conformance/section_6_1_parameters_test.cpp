// RFC 9568 6.1, parameters per virtual router: the timers to the microsecond, which is where what
// is left of a division is dropped. Version 2: rfc3768_6_1_parameters_test.cpp.
#include "tests/conformance/driver.h"

namespace haguard::conformance {
namespace {

struct Row {
  std::string interval;
  int priority;
  Duration skew;
  Duration down;
};

/// Skew_Time = (256 - priority) * Active_Adver_Interval / 256, by hand;
/// Active_Down_Interval = 3 * Active_Adver_Interval + Skew_Time.
const std::vector<Row> kTable{
    {"1s", 1, 996093us, 3996093us},        {"1s", 90, 648437us, 3648437us},
    {"1s", 100, 609375us, 3609375us},      {"1s", 200, 218750us, 3218750us},
    {"1s", 251, 19531us, 3019531us},       {"1s", 253, 11718us, 3011718us},
    {"1s", 254, 7812us, 3007812us},        {"100ms", 100, 60937us, 360937us},
    {"100ms", 254, 781us, 300781us},       {"10ms", 90, 6484us, 36484us},
    {"10ms", 254, 78us, 30078us},          {"40.95s", 1, 40790039us, 163640039us},
    {"40.95s", 254, 319921us, 123169921us}};

TEST(Section61, ActiveDownIntervalIsThreeIntervalsAndTheSkew) {
  for (const Row& row : kTable) {
    Router router = backup({.priority = row.priority, .interval = row.interval});
    EXPECT_EQ(router.becomes_active(), row.down) << row.interval << " " << row.priority;
  }
}

TEST(Section61, SkewTimeScalesWithTheIntervalAndThePriority) {
  for (const Row& row : kTable) {
    // RFC timing of a resignation: the timer becomes Skew_Time
    Router router = backup(
        {.priority = row.priority, .interval = row.interval, .more = "fast_abdication = false"});
    router.receive({.priority = 0});
    EXPECT_EQ(router.becomes_active(), row.skew) << row.interval << " " << row.priority;
  }
}

TEST(Section61, SkewOrdersTheBackupsAlsoBelowASecond) {
  // 254 speaks before any lower priority would
  const Duration first = backup({.priority = 254, .interval = "10ms"}).becomes_active();
  const Duration second = backup({.priority = 253, .interval = "10ms"}).becomes_active();
  EXPECT_EQ(second - first, 39us);  // 1/256 of 10 ms, between 30078.125 and 30117.1875
}

TEST(Section61, DefaultsOfPriorityIntervalAndPreemptMode) {
  // Priority 100, Advertisement_Interval 100 cs
  Router router = backup();
  EXPECT_EQ(router.until(4s), at("3.609375", take_over()));
  // Preempt_Mode True: a lower priority does not hold it back
  Router preempting = backup();
  preempting.until(3s);
  preempting.receive({.priority = 99});
  EXPECT_EQ(preempting.becomes_active(), 3609375us);
}

TEST(Section61, TheIntervalOfTheActiveRouterIsForgottenByAnActiveRouter) {
  // Active_Adver_Interval starts as our own; as Active we advertise, and count, with our own
  Router router = backup();
  router.receive({.interval = 10});
  EXPECT_EQ(router.until(1s), at("0.360937", take_over()));  // 300 ms + 156/256 of 100 ms
  EXPECT_EQ(router.until(2s), Lines{"1.360937 advertise 100 every 100 cs"});
}

/// A check that costs 50 while it fails.
TEST(Section61, AChangedPriorityIsSaidWithTheNextAdvertisement) {
  Router router = backup({.more = kWeightedCheck});
  const Duration start = router.becomes_active();
  EXPECT_EQ(router.messages().at(0).substr(4, 2), "64");  // 100
  router.probes_fail();
  EXPECT_EQ(router.until(start + 999ms), Lines{});
  EXPECT_EQ(router.until(start + 1s).size(), 1U);
  EXPECT_EQ(router.messages().at(0).substr(4, 2), "32");  // 50
}

TEST(Section61, AChangedPriorityLeavesTheRunningDownTimerAlone) {
  const Duration unchanged = backup({.more = kWeightedCheck}).becomes_active();
  Router router = backup({.more = kWeightedCheck});
  router.until(1s);
  router.probes_fail();
  EXPECT_EQ(router.becomes_active(), unchanged);
}

TEST(Section61, AChangedPriorityHasItsSkewFromTheNextAdvertisementOn) {
  Router router = backup({.more = kWeightedCheck});
  router.probes_fail();
  router.until(2s);
  router.receive({.priority = 200});
  EXPECT_EQ(router.becomes_active(), 5804687us);  // 2 s + 3 s + 206/256 s
}

}  // namespace
}  // namespace haguard::conformance
