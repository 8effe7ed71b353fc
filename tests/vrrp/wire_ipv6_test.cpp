// The wire port over IPv6, and frames that speak of IPv6 addresses.

#include <algorithm>

#include <gtest/gtest.h>
#include <linux/if_ether.h>

#include "tests/vrrp/wire_fixture.h"
#include "vrrp/neighbor.h"

namespace haguard::vrrp {
namespace {

const IpAddress kHere = *IpAddress::parse("fe80::9:1");
const IpAddress kPeer = *IpAddress::parse("fe80::9:2");
const IpAddress kRoutedHere = *IpAddress::parse("fd00:9::1");
const IpAddress kRoutedPeer = *IpAddress::parse("fd00:9::2");
const IpAddress kGroup = *IpAddress::parse("ff02::12");
// The checksum is not looked at by the port.
const Bytes kMessage{0x31, 51, 100, 1, 0,    100,  0xab, 0xcd, 0xfe, 0x80, 0, 0,
                     0,    0,  0,   0, 0x02, 0x00, 0x5e, 0xff, 0xfe, 0x00, 2, 0x33};

constexpr std::size_t kEthernet = 14;

bool is_vrrp(const Bytes& frame) {
  return frame.size() > kEthernet + 40 && frame[kEthernet + 6] == 112;
}

/// An Ethernet frame with an IPv6 packet from kPeer to the group. `next_header` is what `payload`
/// begins with.
Bytes multicast_frame(std::uint8_t next_header, const Bytes& payload) {
  Bytes frame{0x33, 0x33, 0, 0, 0, 0x12, 2,           0,  0, 0, 0, 2, 0x86, 0xdd,  // Ethernet
              0x6c, 0,    0, 0, 0, 0,    next_header, 255};
  frame[kEthernet + 5] = static_cast<std::uint8_t>(payload.size());
  frame.insert(frame.end(), kPeer.bytes().begin(), kPeer.bytes().end());
  frame.insert(frame.end(), kGroup.bytes().begin(), kGroup.bytes().end());
  frame.insert(frame.end(), payload.begin(), payload.end());
  return frame;
}

class WireIpv6Test : public WireTest {
 protected:
  void SetUp() override {
    WireTest::SetUp();
    if (HasFatalFailure()) {
      return;
    }
    ip("addr add fe80::9:1/64 dev v0 nodad");
    ip("addr add fd00:9::1/64 dev v0 nodad");
    at_peer([] {
      ip("addr add fe80::9:2/64 dev v1 nodad");
      ip("addr add fd00:9::2/64 dev v1 nodad");
    });
  }

  void open_both() { WireTest::open_both(Family::Ipv6); }
};

TEST_F(WireIpv6Test, MulticastAsTheRfcWantsIt) {
  open_both();
  std::optional<FrameTap> tap;
  at_peer([&tap] { tap.emplace(ETH_P_IPV6, "v1"); });
  here().send("v0", kHere, kGroup, kMessage);
  const auto frame = tap->next(is_vrrp);
  ASSERT_EQ(frame.size(), kEthernet + 40 + kMessage.size());
  const Bytes group_mac{0x33, 0x33, 0, 0, 0, 0x12};  // RFC 2464 7
  EXPECT_TRUE(std::equal(group_mac.begin(), group_mac.end(), frame.begin()));
  // Version 6, traffic class 0xc0
  EXPECT_EQ(frame[kEthernet], 0x6c);
  EXPECT_EQ(frame[kEthernet + 1] & 0xf0, 0);
  EXPECT_EQ(frame[kEthernet + 7], 255) << "hop limit";
  EXPECT_TRUE(std::ranges::equal(std::span(frame).subspan(kEthernet + 8, 16), kHere.bytes()));
  EXPECT_TRUE(std::ranges::equal(std::span(frame).subspan(kEthernet + 24, 16), kGroup.bytes()));
  EXPECT_EQ(Bytes(frame.begin() + kEthernet + 40, frame.end()), kMessage)
      << "the kernel has not written a checksum of its own";
}

TEST_F(WireIpv6Test, MulticastIsHeard) {
  open_both();
  here().send("v0", kHere, kGroup, kMessage);
  const auto packet = heard(peer());
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->interface, "v1");
  EXPECT_EQ(packet->source, kHere);
  EXPECT_EQ(packet->destination, kGroup);
  EXPECT_EQ(packet->ttl, 255);
  EXPECT_EQ(packet->message, kMessage);
}

TEST_F(WireIpv6Test, UnicastFromTheSourceAskedFor) {
  open_both();
  here().send("v0", kRoutedHere, kRoutedPeer, kMessage);
  here().send("v0", kHere, kPeer, kMessage);
  const auto routed = heard(peer());
  ASSERT_TRUE(routed);
  EXPECT_EQ(routed->source, kRoutedHere);
  EXPECT_EQ(routed->destination, kRoutedPeer);
  EXPECT_EQ(routed->ttl, 255);
  const auto link_local = heard(peer());
  ASSERT_TRUE(link_local);
  EXPECT_EQ(link_local->source, kHere);
  EXPECT_EQ(link_local->destination, kPeer);
  EXPECT_TRUE(here().errors.empty());
}

TEST_F(WireIpv6Test, OwnPacketsAreNotHeard) {
  open_both();
  here().send("v0", kHere, kGroup, kMessage);
  peer().send("v1", kPeer, kGroup, kMessage);
  const auto packet = heard(here());
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->source, kPeer);
}

TEST_F(WireIpv6Test, OtherInterfacesAreNotHeard) {
  // The same link-local addresses on both: only the interface tells them apart.
  ip("link add w0 index 20 type veth peer name w1 index 120 netns " + peer_->path());
  ip("link set w0 up");
  ip("addr add fe80::9:1/64 dev w0 nodad");
  at_peer([this] {
    ip("link set w1 up");
    await_up("w1");
    ip("addr add fe80::9:2/64 dev w1 nodad");
    peer().wire.open("w1", interface_index("w1"), Family::Ipv6);
  });
  await_up("w0");
  here().wire.open("v0", interface_index("v0"), Family::Ipv6);
  here().wire.open("w0", interface_index("w0"), Family::Ipv6);
  here().send("v0", kHere, kPeer, kMessage);
  here().send("v0", kHere, kGroup, kMessage);
  here().send("w0", kHere, kGroup, kMessage);
  const auto packet = heard(peer());
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->interface, "w1");
  EXPECT_TRUE(peer().packets.empty());
  EXPECT_TRUE(here().errors.empty());
}

TEST_F(WireIpv6Test, TheFamiliesDoNotMix) {
  open_both();
  WireTest::open_both(Family::Ipv4);
  here().send("v0", kHere, kGroup, kMessage);
  here().send("v0", IpAddress::v4(10, 9, 0, 1), IpAddress::v4(224, 0, 0, 18), kMessage);
  const auto one = heard(peer());
  const auto other = heard(peer());
  ASSERT_TRUE(one && other);
  EXPECT_NE(one->source.family(), other->source.family());
  EXPECT_TRUE(peer().packets.empty());
  // One can be closed without the other.
  peer().wire.close("v1", Family::Ipv4);
  here().send("v0", IpAddress::v4(10, 9, 0, 1), IpAddress::v4(224, 0, 0, 18), kMessage);
  here().send("v0", kHere, kGroup, kMessage);
  const auto last = heard(peer());
  ASSERT_TRUE(last);
  EXPECT_EQ(last->source, kHere);
}

TEST_F(WireIpv6Test, ExtensionHeadersAndPaddingAreNotPartOfTheMessage) {
  open_both();
  at_peer([] {
    // RFC 8200 4.3: hop-by-hop options, then protocol 112; 8 bytes with one PadN option
    Bytes payload{112, 0, 1, 4, 0, 0, 0, 0};
    payload.insert(payload.end(), kMessage.begin(), kMessage.end());
    auto frame = multicast_frame(0, payload);
    frame.resize(frame.size() + 5, 0xee);
    FrameTap(ETH_P_IPV6, "v1").send(frame);
  });
  const auto packet = heard(here());
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->source, kPeer);
  EXPECT_EQ(packet->ttl, 255);
  EXPECT_EQ(packet->message, kMessage);
}

TEST_F(WireIpv6Test, ALongMessageIsHeardWhole) {
  // 255 addresses (RFC 9568 5.2.5), in fragments on a link of 1500 bytes
  const Bytes message(8 + 255 * 16, 0x5a);
  open_both();
  here().send("v0", kHere, kGroup, message);
  const auto packet = heard(peer());
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->message, message);
}

TEST_F(WireIpv6Test, TheGroupIsJoinedWhileOpen) {
  open_both();
  EXPECT_NE(ip("maddr show dev v0").find("ff02::12"), std::string::npos);
  here().wire.open("v0", interface_index("v0"), Family::Ipv6);
  EXPECT_TRUE(here().errors.empty());
  here().wire.close("v0", Family::Ipv6);
  EXPECT_EQ(ip("maddr show dev v0").find("ff02::12"), std::string::npos);
}

TEST_F(WireIpv6Test, AnErrorIsToldOnceUntilTheNextSuccess) {
  open_both();
  const auto not_ours = *IpAddress::parse("fe80::9:99");
  here().send("v0", not_ours, kGroup, kMessage);
  here().send("v0", not_ours, kGroup, kMessage);
  ASSERT_EQ(here().errors.size(), 1U);
  EXPECT_TRUE(here().errors[0].starts_with("v0: cannot send from fe80::9:99 to ff02::12: "))
      << here().errors[0];
  here().send("v0", kHere, kGroup, kMessage);
  here().send("v0", not_ours, kGroup, kMessage);
  EXPECT_EQ(here().errors.size(), 2U);
}

TEST_F(WireIpv6Test, AVanishedInterfaceDoesNotSpinTheLoop) {
  open_both();
  ip("link del v0");
  here().readable = 0;
  run_for(std::chrono::milliseconds(200));
  EXPECT_LE(here().readable, 2);
  here().send("v0", kHere, kGroup, kMessage);
  EXPECT_EQ(here().errors.size(), 1U);

  connect(11);
  ip("addr add fe80::9:1/64 dev v0 nodad");
  at_peer([this] {
    ip("addr add fe80::9:2/64 dev v1 nodad");
    peer().wire.open("v1", interface_index("v1"), Family::Ipv6);
  });
  here().wire.open("v0", interface_index("v0"), Family::Ipv6);
  peer().send("v1", kPeer, kGroup, kMessage);
  EXPECT_TRUE(heard(here()));
  here().send("v0", kHere, kGroup, kMessage);
  EXPECT_TRUE(heard(peer()));
}

TEST_F(WireIpv6Test, ALinkFlapIsSurvived) {
  open_both();
  ip("link set v0 down");
  run_for(std::chrono::milliseconds(50));
  EXPECT_LE(here().readable, 2);
  ip("link set v0 up");
  at_peer([this] { await_up("v1"); });
  here().wire.open("v0", interface_index("v0"), Family::Ipv6);
  peer().send("v1", kPeer, kGroup, kMessage);
  EXPECT_TRUE(heard(here()));
}

TEST_F(WireIpv6Test, OpeningAMissingInterfaceIsTold) {
  here().wire.open("v7", 4711, Family::Ipv6);
  here().wire.open("v7", 4711, Family::Ipv6);
  ASSERT_EQ(here().errors.size(), 1U);
  EXPECT_TRUE(here().errors[0].starts_with("v7: cannot listen for IPv6 advertisements: "))
      << here().errors[0];
}

TEST_F(WireIpv6Test, AnAnnouncementMovesTheNeighborsCache) {
  ip("addr add fd00:9::77/128 dev v0 nodad");
  at_peer([] { ip("-6 neigh replace fd00:9::77 lladdr 02:00:00:00:00:99 dev v1 nud stale"); });
  const MacAddress ours{{2, 0, 0, 0, 0, 0x0a}};
  const auto frame = unsolicited_advertisement(ours, *IpAddress::parse("fd00:9::77"));
  here().wire.send_frame("v0", frame);
  here().wire.flush();
  std::string cache;
  at_peer([this, &cache] {
    EXPECT_TRUE(run_until([&cache] {
      cache = ip("-6 neigh show fd00:9::77 dev v1");
      return cache.find("02:00:00:00:00:0a") != std::string::npos;
    })) << cache;
  });
  EXPECT_EQ(cache.find("router"), std::string::npos) << cache;
}

}  // namespace
}  // namespace haguard::vrrp
