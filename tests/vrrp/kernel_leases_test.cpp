#include <iostream>

#include <gtest/gtest.h>

#include "tests/vrrp/kernel_fixture.h"

namespace haguard::vrrp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class LeaseTest : public KernelTest {
 protected:
  void SetUp() override {
    KernelTest::SetUp();
    if (!HasFatalFailure()) {
      start();
    }
  }
};

const Held kBothLeased{{kVip, true}, {kVip6, true}};
const Held kBothForEver{{kVip, false}, {kVip6, false}};

TEST_F(LeaseTest, AddressesVanishByThemselves) {
  ASSERT_EQ(add({on_v0(kVip), on_v0(kVip6)}, {.lease = seconds(2)}), "");
  const auto start = Clock::now();
  EXPECT_TRUE(contains(ip("-4 -o addr show dev v0"), "valid_lft 2sec preferred_lft 2sec"));
  EXPECT_TRUE(contains(ip("-6 -o addr show dev v0"), "valid_lft 2sec preferred_lft 0sec"));
  ASSERT_TRUE(becomes_held(kBothLeased));
  ASSERT_TRUE(run_until([this] { return held_["v0"] != kBothLeased; }));
  const auto first = milliseconds_since(start);
  ASSERT_TRUE(becomes_held({}));
  const auto last = milliseconds_since(start);
  std::cout << "leases of 2000 ms ended after " << first << " and " << last << " ms\n";
  // The kernel counts whole seconds, a little less than exactly, and looks once a second.
  EXPECT_GT(first, 1800);
  EXPECT_LT(last, 4000);
  EXPECT_FALSE(contains(ip("-o addr show dev v0"), "172.28.1.254"));
  EXPECT_FALSE(contains(ip("-o addr show dev v0"), "2001:db8:28::fe"));
}

TEST_F(LeaseTest, WhatIsRenewedStaysAndIsNoNews) {
  const std::vector<conf::VirtualAddress> addresses{on_v0(kVip), on_v0(kVip6)};
  ASSERT_EQ(add(addresses, {.lease = seconds(2)}), "");
  ASSERT_TRUE(becomes_held(kBothLeased));
  told_.clear();
  for (int i = 0; i < 7; ++i) {
    ASSERT_EQ(add(addresses, {.lease = seconds(2)}), "");
    run_for(milliseconds(500));
  }
  EXPECT_EQ(held_["v0"], kBothLeased);
  EXPECT_TRUE(told_.empty());
  const auto shown = ip("-o addr show dev v0");
  EXPECT_TRUE(contains(shown, "172.28.1.254"));
  EXPECT_TRUE(contains(shown, "2001:db8:28::fe"));
}

TEST_F(LeaseTest, EndsWhenAddedForEver) {
  ASSERT_EQ(add({on_v0(kVip), on_v0(kVip6)}, {.lease = seconds(1)}), "");
  ASSERT_TRUE(becomes_held(kBothLeased));
  ASSERT_EQ(add({on_v0(kVip), on_v0(kVip6)}), "");
  ASSERT_TRUE(becomes_held(kBothForEver));
  run_for(milliseconds(2500));
  EXPECT_EQ(held_["v0"], kBothForEver);
  EXPECT_TRUE(contains(ip("-4 -o addr show dev v0"), "172.28.1.254/32"));
  const auto shown = ip("-6 -o addr show dev v0");
  EXPECT_TRUE(contains(shown, "2001:db8:28::fe/128"));
  EXPECT_TRUE(contains(shown, "valid_lft forever preferred_lft 0sec")) << shown;
}

TEST_F(LeaseTest, BeginsOnWhatWasThereForEver) {
  ip("addr add 172.28.1.254/32 dev v0");
  ip("addr add 2001:db8:28::fe/128 dev v0 nodad");
  ASSERT_TRUE(becomes_held(kBothForEver));
  ASSERT_EQ(add({on_v0(kVip), on_v0(kVip6)}, {.lease = seconds(1)}), "");
  ASSERT_TRUE(becomes_held(kBothLeased));
  EXPECT_TRUE(becomes_held({}));
}

TEST_F(LeaseTest, ThreeHundredRenewedInOneCall) {
  const auto addresses = many(300);
  std::set<IpAddress> virtual_addresses;
  for (const auto& address : addresses) {
    virtual_addresses.insert(address.address);
  }
  make({"v0"}, virtual_addresses);
  kernel_->start();
  ASSERT_EQ(add(addresses, {.lease = seconds(3)}), "");
  ASSERT_TRUE(run_until([this] { return held_["v0"].size() == 300; }));
  told_.clear();
  run_for(milliseconds(1500));
  const auto start = Clock::now();
  ASSERT_EQ(add(addresses, {.lease = seconds(3)}), "");
  std::cout << "300 leases renewed in " << milliseconds_since(start) << " ms\n";
  run_for(milliseconds(2000));  // past the end of the first lease
  EXPECT_EQ(held_["v0"].size(), 300U);
  EXPECT_TRUE(told_.empty());
  EXPECT_EQ(count_of(ip("-4 -o addr show dev v0"), "inet 172.16."), 300U);
  EXPECT_TRUE(becomes_held({}));
}

TEST_F(LeaseTest, TheLongestIsNotForEver) {
  ASSERT_EQ(add({on_v0(kVip), on_v0(kVip6)}, {.lease = seconds::max()}), "");
  EXPECT_TRUE(becomes_held(kBothLeased));
}

}  // namespace
}  // namespace haguard::vrrp
