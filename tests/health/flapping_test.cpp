#include "health/flapping.h"

#include <gtest/gtest.h>

namespace haguard::health {
namespace {

using namespace std::chrono_literals;

class FlappingTest : public testing::Test {
 protected:
  std::optional<Duration> after(Duration passed) {
    now_ += passed;
    return flapping_.changed(now_);
  }

  Instant now_{1h};
  Flapping flapping_;
};

TEST_F(FlappingTest, ThreeChangesInAMinuteAreNotYetFlapping) {
  for (int i = 0; i < 12; ++i) {
    EXPECT_EQ(after(20s), std::nullopt);
  }
}

TEST_F(FlappingTest, TheFourthIsAndEachFurtherOneCostsTwiceAsMuch) {
  after(0s);
  after(1s);
  after(1s);
  EXPECT_EQ(after(1s), Duration(10s));
  EXPECT_EQ(flapping_.changes(), 4U);
  EXPECT_EQ(after(1s), Duration(20s));
  EXPECT_EQ(flapping_.held_until(), now_ + 20s);
  EXPECT_EQ(after(1s), Duration(40s));
}

TEST_F(FlappingTest, NoHoldDownIsLongerThanFiveMinutes) {
  std::optional<Duration> longest;
  for (int i = 0; i < 30; ++i) {
    longest = after(10s);
  }
  EXPECT_EQ(longest, Duration(5min));
}

TEST_F(FlappingTest, IsForgivenAfterACalmMinute) {
  for (int i = 0; i < 6; ++i) {
    after(1s);
  }
  EXPECT_EQ(after(flapping_.held_until() - now_ + 1min), std::nullopt);
  after(1s);
  after(1s);
  EXPECT_EQ(after(1s), Duration(10s));
}

TEST_F(FlappingTest, IsNotForgivenBefore) {
  for (int i = 0; i < 5; ++i) {
    after(1s);  // the last one: 20 s
  }
  after(79s);
  after(1ms);
  after(1ms);
  EXPECT_EQ(after(1ms), Duration(40s));
}

}  // namespace
}  // namespace haguard::health
