#include "vrrp/neighbor_watch.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <linux/if_ether.h>

#include "tests/vrrp/frame_tap.h"
#include "tests/vrrp/network.h"
#include "vrrp/neighbor.h"

namespace haguard::vrrp {
namespace {

using Claims = std::vector<NeighborWatch::Claim>;

const IpAddress kOurs = IpAddress::v4(10, 9, 0, 100);
const IpAddress kOther = IpAddress::v4(10, 9, 0, 101);
const IpAddress kOurs6 = *IpAddress::parse("fd00:9::100");
const IpAddress kOther6 = *IpAddress::parse("fd00:9::101");
const MacAddress kStranger{{2, 0, 0, 0, 0, 0x66}};

Bytes arp(const IpAddress& address) {
  const auto frame = gratuitous_arp(kStranger, address, ArpOperation::Request);
  return {frame.begin(), frame.end()};
}

Bytes advertisement(const IpAddress& address) {
  const auto frame = unsolicited_advertisement(kStranger, address);
  return {frame.begin(), frame.end()};
}

class NeighborWatchTest : public NetworkTest {
 protected:
  void open() {
    watch_.attend(true);
    watch_.open("v0", interface_index("v0"));
  }

  /// From the other end of the cable.
  void arrive(const Bytes& frame) {
    at_peer([&frame] { FrameTap(ETH_P_ALL, "v1").send(frame); });
  }

  bool hears(const Claims& expected) {
    return run_until([this, &expected] { return claims_.size() >= expected.size(); }) &&
           claims_ == expected;
  }

  Claims claims_;
  std::vector<std::string> errors_;
  int readable_ = 0;
  NeighborWatch watch_{io_,
                       {kOurs, kOurs6},
                       {[this] {
                          ++readable_;
                          const auto claims = watch_.take();
                          claims_.insert(claims_.end(), claims.begin(), claims.end());
                        },
                        [this](const std::string& message) { errors_.push_back(message); }}};
};

TEST_F(NeighborWatchTest, AForeignClaimIsTold) {
  open();
  arrive(arp(kOurs));
  EXPECT_TRUE(hears({{"v0", kOurs, kStranger}}));
  arrive(advertisement(kOurs6));
  EXPECT_TRUE(hears({{"v0", kOurs, kStranger}, {"v0", kOurs6, kStranger}}));
  EXPECT_TRUE(errors_.empty());
}

TEST_F(NeighborWatchTest, WhoDoesNotAttendIsNotEvenWoken) {
  watch_.open("v0", interface_index("v0"));
  arrive(arp(kOurs));
  arrive(advertisement(kOurs6));
  watch_.attend(true);
  arrive(arp(kOurs));
  arrive(advertisement(kOurs6));
  ASSERT_TRUE(run_until([this] { return claims_.size() >= 2; }));
  EXPECT_EQ(std::ranges::count(claims_, NeighborWatch::Claim{"v0", kOurs, kStranger}), 1);
  EXPECT_EQ(std::ranges::count(claims_, NeighborWatch::Claim{"v0", kOurs6, kStranger}), 1);
  watch_.attend(false);
  run_for(std::chrono::milliseconds(20));  // what was under way
  readable_ = 0;
  arrive(arp(kOurs));
  arrive(advertisement(kOurs6));
  run_for(std::chrono::milliseconds(200));
  EXPECT_EQ(readable_, 0);
}

TEST_F(NeighborWatchTest, OtherAddressesAreNotTold) {
  open();
  arrive(arp(kOther));
  arrive(advertisement(kOther6));
  arrive(arp(kOurs));
  arrive(advertisement(kOurs6));
  ASSERT_TRUE(run_until([this] { return claims_.size() >= 2; }));
  EXPECT_EQ(std::ranges::count(claims_, NeighborWatch::Claim{"v0", kOurs, kStranger}), 1);
  EXPECT_EQ(std::ranges::count(claims_, NeighborWatch::Claim{"v0", kOurs6, kStranger}), 1);
}

TEST_F(NeighborWatchTest, OurOwnFramesAreNotTold) {
  open();
  FrameTap(ETH_P_ALL, "v0").send(arp(kOurs));
  FrameTap(ETH_P_ALL, "v0").send(advertisement(kOurs6));
  run_for(std::chrono::milliseconds(50));
  EXPECT_EQ(readable_, 0);
  EXPECT_TRUE(watch_.take().empty());
}

TEST_F(NeighborWatchTest, OtherTrafficDoesNotWakeTheLoop) {
  ip("addr add fd00:9::1/64 dev v0 nodad");
  open();
  // A neighbor solicitation, an IPv4 packet, and an IPv6 packet that is cut off before its type
  auto solicitation = advertisement(kOurs6);
  solicitation[54] = 135;
  arrive(solicitation);
  auto ipv4 = arp(kOurs);
  ipv4[13] = 0x00;
  arrive(ipv4);
  auto cut_off = advertisement(kOurs6);
  cut_off.resize(54);
  arrive(cut_off);
  run_for(std::chrono::milliseconds(50));
  EXPECT_EQ(readable_, 0);
}

TEST_F(NeighborWatchTest, OtherInterfacesAreNotHeard) {
  ip("link add w0 index 20 type veth peer name w1 index 120 netns " + peer_->path());
  ip("link set w0 up");
  at_peer([] { ip("link set w1 up"); });
  await_up("w0");
  watch_.attend(true);
  watch_.open("w0", interface_index("w0"));
  arrive(arp(kOurs));
  at_peer([] { FrameTap(ETH_P_ALL, "w1").send(arp(kOurs)); });
  EXPECT_TRUE(hears({{"w0", kOurs, kStranger}}));
}

TEST_F(NeighborWatchTest, FramesOfAVlanAreNotHeard) {
  open();
  auto tagged = arp(kOurs);
  const Bytes tag{0x81, 0x00, 0x00, 0x05};
  tagged.insert(tagged.begin() + 12, tag.begin(), tag.end());
  arrive(tagged);
  run_for(std::chrono::milliseconds(50));
  EXPECT_EQ(readable_, 0);
}

TEST_F(NeighborWatchTest, OnlyTheFamiliesOfTheAddressesAreWatched) {
  NeighborWatch watch(io_, {kOurs}, {[] {}, [](const std::string&) {}});
  watch.open("v0", interface_index("v0"));
  open();
  arrive(advertisement(kOurs6));
  ASSERT_TRUE(run_until([this] { return !claims_.empty(); }));
  EXPECT_TRUE(watch.take().empty());
}

TEST_F(NeighborWatchTest, AFloodIsReadInPortions) {
  open();
  at_peer([] {
    FrameTap tap(ETH_P_ALL, "v1");
    for (int i = 0; i < 2000; ++i) {
      tap.send(arp(kOurs));
    }
  });
  const auto portion = watch_.take().size();
  EXPECT_GT(portion, 0U);
  EXPECT_LE(portion, 256U);
  // It goes on hearing when the flood is over.
  run_for(std::chrono::milliseconds(50));
  claims_.clear();
  arrive(arp(kOurs));
  EXPECT_TRUE(hears({{"v0", kOurs, kStranger}}));
}

TEST_F(NeighborWatchTest, AVanishedInterfaceDoesNotSpinTheLoop) {
  open();
  ip("link del v0");
  run_for(std::chrono::milliseconds(200));
  EXPECT_LE(readable_, 2);  // one per family
  EXPECT_TRUE(errors_.empty());

  // Even when the new one has the same index.
  connect(10);
  open();
  arrive(arp(kOurs));
  EXPECT_TRUE(hears({{"v0", kOurs, kStranger}}));
}

TEST_F(NeighborWatchTest, ALinkFlapIsSurvived) {
  open();
  ip("link set v0 down");
  run_for(std::chrono::milliseconds(50));
  open();
  readable_ = 0;
  run_for(std::chrono::milliseconds(50));
  EXPECT_EQ(readable_, 0);
  ip("link set v0 up");
  at_peer([this] { await_up("v1"); });
  open();
  arrive(arp(kOurs));
  EXPECT_TRUE(hears({{"v0", kOurs, kStranger}}));
  EXPECT_TRUE(errors_.empty());
}

TEST_F(NeighborWatchTest, AnErrorIsToldOnceAndTheOpeningTriedAgain) {
  watch_.attend(true);
  watch_.open("v7", 4711);
  watch_.open("v7", 4711);
  ASSERT_EQ(errors_.size(), 2U);
  EXPECT_EQ(errors_[0], "v7: cannot watch for conflicts of IPv4 addresses: No such device");
  EXPECT_EQ(errors_[1], "v7: cannot watch for conflicts of IPv6 addresses: No such device");
  watch_.open("v7", interface_index("v0"));
  arrive(arp(kOurs));
  EXPECT_TRUE(hears({{"v7", kOurs, kStranger}}));
  watch_.open("v7", 4711);
  EXPECT_EQ(errors_.size(), 4U);
}

TEST_F(NeighborWatchTest, NothingIsHeardWhenClosed) {
  open();
  watch_.close("v0");
  arrive(arp(kOurs));
  run_for(std::chrono::milliseconds(20));
  EXPECT_EQ(readable_, 0);
  EXPECT_TRUE(watch_.take().empty());
}

}  // namespace
}  // namespace haguard::vrrp
