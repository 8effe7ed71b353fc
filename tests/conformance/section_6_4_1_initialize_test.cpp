// RFC 9568 6.4.1, the state Initialize.
#include "tests/conformance/driver.h"

namespace haguard::conformance {
namespace {

TEST(Section641, WaitsForTheStartupEvent) {
  Router router;
  EXPECT_EQ(router.until(60s), Lines{});
  EXPECT_EQ(router.receive({.priority = 0}), Lines{});
  EXPECT_EQ(router.receive({.priority = 50}), Lines{});
  EXPECT_EQ(router.receive({.priority = 200}), Lines{});
  EXPECT_EQ(router.until(120s), Lines{});
  EXPECT_EQ(router.state(), "initialize");
}

TEST(Section641, TheOwnerIsActiveAtOnce) {
  Router router({.priority = 255});
  EXPECT_EQ(router.startup(), take_over("advertise 255 every 100 cs"));
  EXPECT_EQ(router.until(2500ms), at("1.000000", {"advertise 255 every 100 cs"}) +
                                      at("2.000000", {"advertise 255 every 100 cs"}));
}

TEST(Section641, AnyOtherBecomesBackupSilently) {
  Router router;
  // addresses that an earlier daemon left behind are not ours yet
  EXPECT_EQ(router.startup(), (Lines{"addresses off", "backup"}));
  EXPECT_EQ(router.messages(), Lines{});
}

TEST(Section641, TheTimerStartsWithTheStartup) {
  Router router;
  router.until(10s);
  router.startup();
  EXPECT_EQ(router.becomes_active(), 13609375us);
}

TEST(Section641, WhatWasLearnedBeforeIsForgotten) {
  // Active_Adver_Interval = Advertisement_Interval
  Router router = backup();
  router.receive({.interval = 10});
  router.link_lost();
  router.startup();
  EXPECT_EQ(router.becomes_active(), 3609375us);
}

}  // namespace
}  // namespace haguard::conformance
