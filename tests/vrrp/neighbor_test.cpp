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

TEST(UnsolicitedAdvertisement, GoesToAllNodesAndOverrides) {
  // RFC 4861 4.4 and 7.2.6, field by field; RFC 9568 6.4.1. The checksum over the pseudo-header
  // (2001 + 0db8 + 0010, ff02 + 0001, length 0020, next header 003a) and the message (8800 + 2000 +
  // 2001 + 0db8 + 0010 + 0201 + 0200 + 0007): the sum is 206f7, folded 06f9, the complement f906.
  const auto frame =
      unsolicited_advertisement(MacAddress{{2, 0, 0, 0, 0, 7}}, *IpAddress::parse("2001:db8::10"));
  const std::array<std::uint8_t, 86> expected{
      0x33, 0x33, 0,    0,    0,    1,  2,  0,   0, 0, 0, 7, 0x86, 0xdd,  // Ethernet
      0x60, 0,    0,    0,    0,    32, 58, 255,                          // IPv6, hop limit 255
      0x20, 0x01, 0x0d, 0xb8, 0,    0,  0,  0,   0, 0, 0, 0, 0,    0,    0, 0x10,  // source
      0xff, 0x02, 0,    0,    0,    0,  0,  0,   0, 0, 0, 0, 0,    0,    0, 1,     // all nodes
      136,  0,    0xf9, 0x06, 0x20, 0,  0,  0,                                     // Override alone
      0x20, 0x01, 0x0d, 0xb8, 0,    0,  0,  0,   0, 0, 0, 0, 0,    0,    0, 0x10,  // target
      2,    1,    2,    0,    0,    0,  0,  7};  // target link-layer address
  EXPECT_EQ(frame, expected);
}

TEST(ArpRequest, AsksAllForTheTarget) {
  // RFC 826: the target hardware address is what the sender wants to know
  const auto frame = arp_request(MacAddress{{2, 0, 0, 0, 0, 7}}, IpAddress::v4(192, 0, 2, 10),
                                 IpAddress::v4(192, 0, 2, 1));
  const std::array<std::uint8_t, 42> expected{
      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,   0, 0, 0,  0, 7, 0x08, 0x06,  // Ethernet
      0x00, 0x01, 0x08, 0x00, 6,    4,    0,   1,                           // request
      2,    0,    0,    0,    0,    7,    192, 0, 2, 10,                    // sender
      0,    0,    0,    0,    0,    0,    192, 0, 2, 1};                    // target
  EXPECT_EQ(frame, expected);
}

TEST(NeighborSolicitation, GoesToTheSolicitedNodeGroup) {
  // RFC 4861 4.3 and 7.2.2; RFC 4291 2.7.1: ff02::1:ff and the last three bytes; RFC 2464 7. The
  // checksum over the pseudo-header (fe80 + 0007, ff02 + 0001 + ffbc + def0, length 0020, next
  // header 003a) and the message (8700 + fe80 + 12bc + def0 + 0101 + 0200 + 0007): the sum is
  // 656c4, folded 56ca, the complement a935.
  const auto frame =
      neighbor_solicitation(MacAddress{{2, 0, 0, 0, 0, 7}}, *IpAddress::parse("fe80::7"),
                            *IpAddress::parse("fe80::12bc:def0"));
  const std::array<std::uint8_t, 86> expected{
      0x33, 0x33, 0xff, 0xbc, 0xde, 0xf0, 2,    0,    0, 0, 0, 7, 0x86, 0xdd,  // Ethernet
      0x60, 0,    0,    0,    0,    32,   58,   255,  // IPv6, hop limit 255
      0xfe, 0x80, 0,    0,    0,    0,    0,    0,    0, 0, 0, 0, 0,    0,
      0,    7,    0xff, 0x02, 0,    0,    0,    0,    0, 0, 0, 0, 0,    1,
      0xff, 0xbc, 0xde, 0xf0, 135,  0,    0xa9, 0x35, 0, 0, 0, 0,  // reserved
      0xfe, 0x80, 0,    0,    0,    0,    0,    0,    0, 0, 0, 0, 0x12, 0xbc,
      0xde, 0xf0, 1,    1,    2,    0,    0,    0,    0, 7};  // source link-layer address
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
