#include "vrrp/wire.h"

#include <algorithm>
#include <optional>

#include <gtest/gtest.h>
#include <linux/if_ether.h>

#include "tests/vrrp/frame_tap.h"
#include "tests/vrrp/network.h"
#include "tests/vrrp/wire_fixture.h"
#include "vrrp/send_batch.h"

namespace haguard::vrrp {
namespace {

const IpAddress kHere = IpAddress::v4(10, 9, 0, 1);
const IpAddress kPeer = IpAddress::v4(10, 9, 0, 2);
const IpAddress kGroup = IpAddress::v4(224, 0, 0, 18);
const Bytes kMessage{0x31, 51, 100, 1, 0, 100, 0xab, 0xcd, 172, 28, 1, 254};

bool is_vrrp(const Bytes& frame) {
  return frame.size() > 34 && frame[14 + 9] == 112;
}

/// An Ethernet frame with an IPv4 packet of protocol 112 from kPeer to the group. Options make 32
/// bit words.
Bytes multicast_frame(const Bytes& options, const Bytes& message) {
  constexpr std::size_t kEthernet = 14;
  const std::size_t header = 20 + options.size();
  const std::size_t total = header + message.size();
  Bytes frame{0x01, 0x00, 0x5e, 0x00, 0x00, 0x12, 2, 0, 0,   0,   0, 2, 0x08, 0x00,  // Ethernet
              0x40, 0xc0, 0,    0,    0,    0,    0, 0, 255, 112, 0, 0, 10,   9,    0, 2,  // IPv4
              224,  0,    0,    18};
  frame.resize(kEthernet + total);
  std::ranges::copy(options, frame.begin() + kEthernet + 20);
  std::ranges::copy(message, frame.begin() + static_cast<std::ptrdiff_t>(kEthernet + header));
  frame[kEthernet] = static_cast<std::uint8_t>(0x40U | header / 4);
  frame[kEthernet + 3] = static_cast<std::uint8_t>(total);
  unsigned sum = 0;
  for (std::size_t i = kEthernet; i < kEthernet + header; i += 2) {
    sum += static_cast<unsigned>(frame[i]) << 8U | frame[i + 1];
  }
  sum = ~((sum & 0xffffU) + (sum >> 16U));
  frame[kEthernet + 10] = static_cast<std::uint8_t>(sum >> 8U & 0xffU);
  frame[kEthernet + 11] = static_cast<std::uint8_t>(sum & 0xffU);
  return frame;
}

TEST_F(WireTest, MulticastAsTheRfcWantsIt) {
  open_both();
  std::optional<FrameTap> tap;
  at_peer([&tap] { tap.emplace(ETH_P_IP, "v1"); });
  here().send("v0", kHere, kGroup, kMessage);
  const auto frame = tap->next(is_vrrp);
  ASSERT_EQ(frame.size(), 14 + 20 + kMessage.size());
  const Bytes group_mac{0x01, 0x00, 0x5e, 0x00, 0x00, 0x12};
  EXPECT_TRUE(std::equal(group_mac.begin(), group_mac.end(), frame.begin()));
  EXPECT_EQ(frame[14 + 0], 0x45);
  EXPECT_EQ(frame[14 + 1], 0xc0) << "TOS";
  EXPECT_EQ(frame[14 + 6] & 0x40, 0) << "DF";
  EXPECT_EQ(frame[14 + 8], 255) << "TTL";
  EXPECT_EQ(Bytes(frame.begin() + 26, frame.begin() + 34), (Bytes{10, 9, 0, 1, 224, 0, 0, 18}));
  EXPECT_EQ(Bytes(frame.begin() + 34, frame.end()), kMessage);
}

TEST_F(WireTest, MulticastIsHeard) {
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

TEST_F(WireTest, UnicastFromTheSourceAskedFor) {
  open_both();
  ip("addr add 10.9.0.77/24 dev v0");
  here().send("v0", IpAddress::v4(10, 9, 0, 77), kPeer, kMessage);
  const auto packet = heard(peer());
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->source, IpAddress::v4(10, 9, 0, 77));
  EXPECT_EQ(packet->destination, kPeer);
  EXPECT_EQ(packet->ttl, 255);
  EXPECT_EQ(packet->message, kMessage);
}

TEST_F(WireTest, ManyLeaveInOrderAlsoBehindOneThatCannot) {
  open_both();
  constexpr std::uint8_t kMany = 2 * SendBatch::kPackets + 1;
  for (std::uint8_t i = 0; i < kMany; ++i) {
    const bool lost = i == 3;
    here().wire.send("v0", lost ? IpAddress::v4(192, 0, 2, 1) : kHere, kGroup, Bytes{i});
  }
  here().wire.flush();
  for (std::uint8_t i = 0; i < kMany; ++i) {
    if (i != 3) {
      const auto packet = heard(peer());
      ASSERT_TRUE(packet) << int{i};
      EXPECT_EQ(packet->message, Bytes{i});
    }
  }
  ASSERT_EQ(here().errors.size(), 1U);
  EXPECT_TRUE(here().errors[0].starts_with("v0: cannot send from 192.0.2.1 to 224.0.0.18: "))
      << here().errors[0];
}

TEST_F(WireTest, NothingLeavesBeforeTheFlush) {
  open_both();
  here().wire.send("v0", kHere, kGroup, Bytes{1});
  peer().send("v1", kPeer, kGroup, Bytes{2});
  ASSERT_TRUE(heard(here()));
  EXPECT_TRUE(peer().packets.empty());
  here().wire.close("v0", Family::Ipv4);  // what was given before still leaves
  here().wire.flush();
  EXPECT_TRUE(heard(peer()));
}

TEST_F(WireTest, OwnPacketsAreNotHeard) {
  open_both();
  here().send("v0", kHere, kGroup, kMessage);
  peer().send("v1", kPeer, kGroup, kMessage);
  const auto packet = heard(here());
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->source, kPeer);
}

TEST_F(WireTest, OtherInterfacesAreNotHeard) {
  ip("link add w0 index 20 type veth peer name w1 index 120 netns " + peer_->path());
  ip("addr add 10.7.0.1/24 dev w0");
  ip("link set w0 up");
  at_peer([this] {
    ip("link set w1 up");
    await_up("w1");
    peer().wire.open("w1", interface_index("w1"), Family::Ipv4);
  });
  await_up("w0");
  here().wire.open("v0", interface_index("v0"), Family::Ipv4);
  here().wire.open("w0", interface_index("w0"), Family::Ipv4);
  here().send("v0", kHere, kPeer, kMessage);
  here().send("v0", kHere, kGroup, kMessage);
  here().send("w0", IpAddress::v4(10, 7, 0, 1), kGroup, kMessage);
  const auto packet = heard(peer());
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->interface, "w1");
  EXPECT_EQ(packet->source, IpAddress::v4(10, 7, 0, 1));
  EXPECT_TRUE(peer().packets.empty());
}

TEST_F(WireTest, IpOptionsAreNotPartOfTheMessage) {
  open_both();
  at_peer([] {
    const Bytes no_operations{1, 1, 1, 0};
    FrameTap(ETH_P_IP, "v1").send(multicast_frame(no_operations, kMessage));
  });
  const auto packet = heard(here());
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->source, kPeer);
  EXPECT_EQ(packet->message, kMessage);
}

TEST_F(WireTest, PaddingIsNotPartOfTheMessage) {
  open_both();
  at_peer([] {
    auto frame = multicast_frame({}, kMessage);
    frame.resize(60, 0xee);
    FrameTap(ETH_P_IP, "v1").send(frame);
  });
  const auto packet = heard(here());
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->message, kMessage);
}

TEST_F(WireTest, AFloodIsReadInPortions) {
  open_both();
  for (int i = 0; i < 5000; ++i) {
    peer().send("v1", kPeer, kGroup, kMessage);
  }
  here().wire.drain();
  EXPECT_EQ(here().packets.size(), 512U);
  // The queue held more; the rest comes by itself, again in portions.
  std::size_t before = 512;
  std::size_t largest = 0;
  ASSERT_TRUE(run_until([&] {
    const std::size_t now = here().packets.size();
    largest = std::max(largest, now - before);
    const bool is_over = now == before && here().readable > 0;
    before = now;
    return is_over;
  }));
  EXPECT_GT(before, 512U);
  EXPECT_LE(largest, 512U);
  here().packets.clear();
  here().send("v0", kHere, kGroup, kMessage);
  peer().send("v1", kPeer, kGroup, kMessage);
  EXPECT_TRUE(heard(here()));
}

TEST_F(WireTest, AFrameLeavesAsItIs) {
  Bytes frame(42, 0);
  std::fill_n(frame.begin(), 6, std::uint8_t{0xff});
  frame[12] = 0x08;
  frame[13] = 0x06;
  std::fill(frame.begin() + 14, frame.end(), std::uint8_t{0x5a});
  std::optional<FrameTap> tap;
  at_peer([&tap] { tap.emplace(ETH_P_ARP, "v1"); });
  here().wire.send_frame("v0", frame);  // on an interface that is not open
  here().wire.open("v0", interface_index("v0"), Family::Ipv4);
  here().wire.send_frame("v0", frame);
  here().wire.flush();
  const auto is_ours = [&frame](const Bytes& seen) { return seen == frame; };
  EXPECT_EQ(tap->next(is_ours), frame);
  EXPECT_EQ(tap->next(is_ours), frame);
  EXPECT_TRUE(here().errors.empty());
}

TEST_F(WireTest, AVanishedInterfaceDoesNotSpinTheLoop) {
  open_both();
  ip("link del v0");
  here().readable = 0;
  run_for(std::chrono::milliseconds(200));
  EXPECT_LE(here().readable, 2);
  here().send("v0", kHere, kGroup, kMessage);
  EXPECT_EQ(here().errors.size(), 1U);

  connect(11);
  at_peer([this] { peer().wire.open("v1", interface_index("v1"), Family::Ipv4); });
  here().wire.open("v0", interface_index("v0"), Family::Ipv4);
  peer().send("v1", kPeer, kGroup, kMessage);
  EXPECT_TRUE(heard(here()));
  here().send("v0", kHere, kGroup, kMessage);
  EXPECT_TRUE(heard(peer()));
}

TEST_F(WireTest, ALinkFlapIsSurvived) {
  open_both();
  ip("link set v0 down");
  here().send("v0", kHere, kGroup, kMessage);
  EXPECT_EQ(here().errors.size(), 1U);
  run_for(std::chrono::milliseconds(50));
  EXPECT_LE(here().readable, 2);
  ip("link set v0 up");
  at_peer([this] { await_up("v1"); });
  here().wire.open("v0", interface_index("v0"), Family::Ipv4);
  here().wire.open("v0", interface_index("v0"), Family::Ipv4);
  peer().send("v1", kPeer, kGroup, kMessage);
  EXPECT_TRUE(heard(here()));
  EXPECT_EQ(here().errors.size(), 1U);
}

TEST_F(WireTest, TheGroupIsJoinedWhileOpen) {
  open_both();
  EXPECT_NE(ip("maddr show dev v0").find("224.0.0.18"), std::string::npos);
  here().wire.close("v0", Family::Ipv4);
  EXPECT_EQ(ip("maddr show dev v0").find("224.0.0.18"), std::string::npos);
  peer().send("v1", kPeer, kGroup, kMessage);
  run_for(std::chrono::milliseconds(20));
  EXPECT_TRUE(here().packets.empty());
}

TEST_F(WireTest, AnErrorIsToldOnceUntilTheNextSuccess) {
  open_both();
  const auto not_ours = IpAddress::v4(10, 9, 0, 99);
  here().send("v0", not_ours, kGroup, kMessage);
  here().send("v0", not_ours, kGroup, kMessage);
  ASSERT_EQ(here().errors.size(), 1U);
  EXPECT_TRUE(here().errors[0].starts_with("v0: cannot send from 10.9.0.99 to 224.0.0.18: "))
      << here().errors[0];
  here().send("v0", kHere, kGroup, kMessage);
  here().send("v0", not_ours, kGroup, kMessage);
  EXPECT_EQ(here().errors.size(), 2U);
}

TEST_F(WireTest, OpeningAMissingInterfaceIsToldOnceAndTriedAgain) {
  here().wire.open("v7", 4711, Family::Ipv4);
  here().wire.open("v7", 4711, Family::Ipv4);
  ASSERT_EQ(here().errors.size(), 1U);
  EXPECT_TRUE(here().errors[0].starts_with("v7: cannot listen for IPv4 advertisements: "))
      << here().errors[0];
  EXPECT_NE(here().errors[0].find("No such device"), std::string::npos) << here().errors[0];
  here().wire.drain();
  here().wire.open("v7", interface_index("v0"), Family::Ipv4);
  at_peer([this] { peer().wire.open("v1", interface_index("v1"), Family::Ipv4); });
  peer().send("v1", kPeer, kGroup, kMessage);
  EXPECT_TRUE(heard(here()));
}

TEST_F(WireTest, AHandlerMayCloseTheInterface) {
  std::optional<Wire> wire;
  int calls = 0;
  wire.emplace(io_, Wire::Handlers{[&](const ReceivedPacket& packet) {
                                     ++calls;
                                     wire->close(std::string(packet.interface), Family::Ipv4);
                                   },
                                   [&] { wire->drain(); }, [](const std::string&) {}});
  wire->open("v0", interface_index("v0"), Family::Ipv4);
  at_peer([this] { peer().wire.open("v1", interface_index("v1"), Family::Ipv4); });
  peer().send("v1", kPeer, kGroup, kMessage);
  ASSERT_TRUE(run_until([&calls] { return calls > 0; }));
  peer().send("v1", kPeer, kGroup, kMessage);
  run_for(std::chrono::milliseconds(20));
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace haguard::vrrp
