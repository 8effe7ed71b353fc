// Expected values: RFC 9568 6.1 and RFC 3768 6.1, worked out by hand.
#include "vrrp/timing.h"

#include <gtest/gtest.h>

namespace haguard::vrrp {
namespace {

using namespace std::chrono_literals;
using conf::Version;

TEST(Timing, SkewOfVersion3IsScaledByTheActiveInterval) {
  // (256 - 100) / 256 of one second = 0.609375 s
  EXPECT_EQ(skew_time(Version::V3, 100, 1s), 609375us);
  EXPECT_EQ(skew_time(Version::V3, 90, 10ms), 6484us);
  EXPECT_EQ(skew_time(Version::V3, 254, 10ms), 78us);
  EXPECT_EQ(skew_time(Version::V3, 255, 100ms), 390us);
}

TEST(Timing, SkewOfVersion2IsAFractionOfOneSecondWhateverTheInterval) {
  EXPECT_EQ(skew_time(Version::V2, 100, 1s), 609375us);
  EXPECT_EQ(skew_time(Version::V2, 100, 5s), 609375us);
  EXPECT_EQ(skew_time(Version::V2, 1, 1s), 996093us);
}

TEST(Timing, DownIntervalIsThreeIntervalsAndTheSkew) {
  EXPECT_EQ(down_interval(Version::V3, 90, 1s), 3648437us);
  EXPECT_EQ(down_interval(Version::V3, 90, 100ms), 364843us);
  EXPECT_EQ(down_interval(Version::V2, 254, 1s), 3007812us);
  EXPECT_EQ(down_interval(Version::V3, 90, 1s, 5), 5648437us);
}

TEST(Timing, CentisecondsAreWhole) {
  EXPECT_EQ(to_centiseconds(1s).count(), 100);
  EXPECT_EQ(to_centiseconds(40950ms).count(), 4095);
  EXPECT_EQ(to_centiseconds(10ms).count(), 1);
}

}  // namespace
}  // namespace haguard::vrrp
