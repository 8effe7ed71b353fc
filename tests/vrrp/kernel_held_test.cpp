#include <algorithm>
#include <fstream>
#include <iostream>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/vrrp/kernel_fixture.h"

namespace haguard::vrrp {
namespace {

using Told = std::vector<std::string>;

const Held kOne{{kVip, false}};

/// The Kernel is there, but not started.
class HeldTest : public KernelTest {
 protected:
  /// `lines` of `ip -batch`, while nobody reads.
  static void at_once(const std::vector<std::string>& lines) {
    const std::string script = testing::TempDir() + fmt::format("haguard-held-{}.ip", ::getpid());
    {
      std::ofstream file(script);
      for (const auto& line : lines) {
        file << line << '\n';
      }
    }
    ip("-batch " + script);
    ::unlink(script.c_str());
  }
};

TEST_F(HeldTest, TheFirstNewsComesAfterTheLinksAlsoOfAMissingInterface) {
  ip("addr add 172.28.1.254/32 dev v0");
  kernel_->start();
  ASSERT_TRUE(run_until([this] { return held_.contains("v9"); }));
  EXPECT_EQ(told_, (Told{"link v0", "link v9", "addresses v0", "addresses v9"}));
  EXPECT_EQ(held_["v0"], kOne);
  EXPECT_EQ(held_["v9"], Held());
}

TEST_F(HeldTest, WhatHappensDuringTheFirstReadingComesLater) {
  kernel_->start();
  // Queued behind the first part of the answer; all of it is read in a few drains.
  ip("addr add 172.28.1.254/32 dev v0");
  ip("link set v0 down");
  ASSERT_TRUE(becomes([](const auto& v0) { return v0.present && !v0.running; }));
  ASSERT_TRUE(becomes_held(kOne));
  ASSERT_GE(told_.size(), 4U);
  EXPECT_EQ(Told(told_.begin(), told_.begin() + 4),
            (Told{"link v0", "link v9", "addresses v0", "addresses v9"}));
}

TEST_F(HeldTest, SomebodyElsesRemovalIsTold) {
  start();
  ASSERT_EQ(add({on_v0(kVip), on_v0(kVip6)}), "");
  ASSERT_TRUE(becomes_held({{kVip, false}, {kVip6, false}}));
  for (const char* command :
       {"addr del 172.28.1.254/32 dev v0", "addr del 2001:db8:28::fe dev v0"}) {
    told_.clear();
    ip(command);
    const auto start = Clock::now();
    ASSERT_TRUE(run_until([this] { return !told_.empty(); }));
    EXPECT_LT(milliseconds_since(start), 100);
    EXPECT_EQ(told_, Told{"addresses v0"});
  }
  EXPECT_EQ(held_["v0"], Held());
}

TEST_F(HeldTest, RemovedAndAddedAgainBetweenTwoDrainsIsNoNews) {
  start();
  ASSERT_EQ(add({on_v0(kVip)}), "");
  ASSERT_TRUE(becomes_held(kOne));
  told_.clear();
  kernel_->remove(10, {on_v0(kVip)});
  kernel_->add(11, {on_v0(kVip)}, {});
  EXPECT_EQ(applied(10), "");
  EXPECT_EQ(applied(11), "");
  run_for(std::chrono::milliseconds(50));
  EXPECT_TRUE(told_.empty());
}

TEST_F(HeldTest, AddedAndRemovedBetweenTwoDrainsIsToldTwice) {
  start();
  at_once({"addr add 172.28.1.254/32 dev v0", "addr del 172.28.1.254/32 dev v0"});
  run_for(std::chrono::milliseconds(50));
  EXPECT_EQ(told_, (Told{"addresses v0", "addresses v0"}));
  EXPECT_EQ(held_["v0"], Held());
}

TEST_F(HeldTest, OtherAddressesAndOtherInterfacesAreNoNews) {
  start();
  ip("addr add 172.28.1.253/32 dev v0");
  ip("addr add 2001:db8::1/64 dev v0 nodad");
  ip("link add other type bridge");
  ip("addr add 172.28.1.254/32 dev other");
  run_for(std::chrono::milliseconds(50));
  EXPECT_TRUE(told_.empty());
}

TEST_F(HeldTest, ThereTwiceIsThereOnce) {
  start();
  ASSERT_EQ(add({on_v0(kVip)}, {.lease = std::chrono::seconds(60)}), "");
  ASSERT_TRUE(becomes_held({{kVip, true}}));
  ip("addr add 172.28.1.254/24 dev v0");  // for ever
  ASSERT_TRUE(becomes_held(kOne));
  ip("addr del 172.28.1.254/24 dev v0");
  ASSERT_TRUE(becomes_held({{kVip, true}}));
  ip("addr del 172.28.1.254/32 dev v0");
  EXPECT_TRUE(becomes_held({}));
}

TEST_F(HeldTest, OfADeletedInterfaceThereAreNoneAndANewOneStartsAfresh) {
  start();
  ASSERT_EQ(add({on_v0(kVip), on_v0(kVip6)}), "");
  ASSERT_TRUE(becomes_held({{kVip, false}, {kVip6, false}}));
  ip("link del v0");
  ASSERT_TRUE(becomes_held({}));
  EXPECT_FALSE(links_["v0"].present);
  ip("link add v0 type bridge");
  ASSERT_TRUE(becomes([](const auto& v0) { return v0.present; }));
  EXPECT_EQ(held_["v0"], Held());
  ASSERT_EQ(add({on_v0(kVip)}), "");
  EXPECT_TRUE(becomes_held(kOne));
}

TEST_F(HeldTest, DeletedAndMadeAgainWithTheSameIndexBetweenTwoDrains) {
  start();
  ASSERT_EQ(add({on_v0(kVip)}), "");
  ASSERT_TRUE(becomes_held(kOne));
  at_once({"link del v0", "link add v0 index 10 type bridge"});
  EXPECT_TRUE(becomes_held({}));
  EXPECT_TRUE(links_["v0"].present);
  EXPECT_TRUE(links_["v0"].primary.is_unspecified());
}

TEST_F(HeldTest, FollowTheNameWhenLinksAreRenamed) {
  start();
  ASSERT_EQ(add({on_v0(kVip)}), "");
  ASSERT_TRUE(becomes_held(kOne));
  ip("link set v0 down");
  ip("link set v0 name v9");
  ASSERT_TRUE(run_until([this] { return held_["v9"] == kOne; }));
  EXPECT_EQ(held_["v0"], Held());
  ip("link set v9 name v0");
  ASSERT_TRUE(becomes_held(kOne));
  EXPECT_EQ(held_["v9"], Held());
}

TEST_F(HeldTest, WhatWasLostAmongTooManyNotificationsIsTold) {
  start();
  ASSERT_EQ(add({on_v0(kVip), on_v0(kVip6)}), "");
  ASSERT_TRUE(becomes_held({{kVip, false}, {kVip6, false}}));
  told_.clear();
  std::vector<std::string> lines;
  for (int i = 0; i < 10000; ++i) {
    lines.push_back(fmt::format("link set v0 mtu {}", 1400 + i % 2));
  }
  lines.push_back("addr del 172.28.1.254/32 dev v0");
  lines.push_back("addr del 2001:db8:28::fe/128 dev v0");
  lines.push_back("addr add 2001:db8:28::fe/128 dev v0 nodad");
  at_once(lines);
  EXPECT_TRUE(becomes_held({{kVip6, false}}));
  EXPECT_EQ(warnings_.size(), 1U);
  EXPECT_EQ(std::ranges::count(told_, "addresses v0"), 1);
  ip("addr del 2001:db8:28::fe/128 dev v0");
  EXPECT_TRUE(becomes_held({}));
}

}  // namespace
}  // namespace haguard::vrrp
