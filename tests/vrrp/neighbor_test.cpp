#include "vrrp/neighbor.h"

#include <gtest/gtest.h>

namespace haguard::vrrp {
namespace {

using namespace std::chrono_literals;

const Instant kStart{1h};

TEST(GratuitousArp, IsABroadcastWithTheAddressTwice) {
  // RFC 826 field by field; RFC 5227 3: sender and target protocol address are the same
  const auto frame = gratuitous_arp(MacAddress{{2, 0, 0, 0, 0, 7}}, IpAddress::v4(192, 0, 2, 10),
                                    ArpOperation::Request);
  const std::array<std::uint8_t, 42> expected{
      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,   0, 0, 0,  0, 7, 0x08, 0x06,  // Ethernet
      0x00, 0x01, 0x08, 0x00, 6,    4,    0,   1,                           // request
      2,    0,    0,    0,    0,    7,    192, 0, 2, 10,                    // sender
      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 192, 0, 2, 10};                   // target
  EXPECT_EQ(frame, expected);
}

/// The times, since the start, at which a set of frames leaves when the timer is served at once.
std::vector<Duration> times(AnnounceSchedule& schedule, std::size_t count) {
  std::vector<Duration> times;
  while (times.size() < count && schedule.next_deadline() != kNever) {
    const Instant now = schedule.next_deadline();
    EXPECT_TRUE(schedule.due(now));
    EXPECT_FALSE(schedule.due(now));
    times.push_back(now - kStart);
  }
  return times;
}

TEST(AnnounceSchedule, FollowsTheTableAndThenTheRefresh) {
  AnnounceSchedule schedule({{0ms, 20ms, 1s}, 60s});
  EXPECT_EQ(schedule.next_deadline(), kNever);
  schedule.start(kStart);
  EXPECT_EQ(times(schedule, 5), (std::vector<Duration>{0ms, 20ms, 1s, 61s, 121s}));
}

TEST(AnnounceSchedule, EndsWithoutRefresh) {
  AnnounceSchedule schedule({{0ms, 20ms}, 0s});
  schedule.start(kStart);
  EXPECT_EQ(times(schedule, 5), (std::vector<Duration>{0ms, 20ms}));
}

TEST(AnnounceSchedule, MissedDeadlinesCountAsOne) {
  AnnounceSchedule schedule({{0ms, 20ms, 100ms, 1s}, 0s});
  schedule.start(kStart);
  EXPECT_TRUE(schedule.due(kStart + 500ms));
  EXPECT_FALSE(schedule.due(kStart + 500ms));
  EXPECT_EQ(schedule.next_deadline(), kStart + 1s);
}

TEST(AnnounceSchedule, StopsAndStartsAnew) {
  AnnounceSchedule schedule({{0ms, 20ms}, 60s});
  schedule.start(kStart);
  schedule.stop();
  EXPECT_FALSE(schedule.due(kStart + 1h));
  schedule.start(kStart);
  EXPECT_EQ(times(schedule, 2), (std::vector<Duration>{0ms, 20ms}));
}

TEST(AnnounceSchedule, AnEmptyTableLeavesTheRefreshAlone) {
  AnnounceSchedule schedule({{}, 60s});
  schedule.start(kStart);
  EXPECT_EQ(times(schedule, 2), (std::vector<Duration>{60s, 120s}));
}

}  // namespace
}  // namespace haguard::vrrp
