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
  EXPECT_EQ(router(Enable{100}), "initialize>backup");
  EXPECT_FALSE(holds_addresses(router.state));
}

}  // namespace
}  // namespace haguard::vrrp
