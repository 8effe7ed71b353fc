#include <algorithm>
#include <iostream>

#include <gtest/gtest.h>

#include "tests/vrrp/kernel_fixture.h"

namespace haguard::vrrp {
namespace {

class AddressTest : public KernelTest {};

TEST_F(AddressTest, AddsAsHostAddressWithoutPrefixRoute) {
  EXPECT_EQ(add({on_v0(kVip)}), "");
  const auto shown = ip("-4 -o addr show dev v0");
  EXPECT_NE(shown.find("inet 172.28.1.254/32 scope global noprefixroute v0"), std::string::npos)
      << shown;
  EXPECT_EQ(ip("-4 route show dev v0").find("172.28"), std::string::npos);
  EXPECT_EQ(remove({on_v0(kVip)}), "");
  EXPECT_EQ(ip("-4 -o addr show dev v0").find("172.28.1.254"), std::string::npos);
}

TEST_F(AddressTest, KeepsPrefixAndLabel) {
  EXPECT_EQ(add({{IpAddress::v4(10, 0, 0, 5), 24, "v0", "v0:vip"}}), "");
  const auto shown = ip("-4 -o addr show dev v0");
  EXPECT_NE(shown.find("inet 10.0.0.5/24 scope global noprefixroute v0:vip"), std::string::npos)
      << shown;
  EXPECT_EQ(ip("-4 route show dev v0").find("10.0.0.0/24"), std::string::npos);
  EXPECT_EQ(remove({{IpAddress::v4(10, 0, 0, 5), 24, "v0", "v0:vip"}}), "");
  EXPECT_EQ(ip("-4 -o addr show dev v0").find("10.0.0.5"), std::string::npos);
}

TEST_F(AddressTest, TheOwnerHasARouteToThePrefix) {
  EXPECT_EQ(add({{IpAddress::v4(10, 0, 0, 5), 24, "v0", ""}}, {.prefix_route = true}), "");
  EXPECT_TRUE(contains(ip("-4 route show dev v0"), "10.0.0.0/24 proto kernel scope link"));
  EXPECT_FALSE(contains(ip("-4 -o addr show dev v0"), "noprefixroute"));
}

TEST_F(AddressTest, WhatIsSoAlreadyIsSuccess) {
  EXPECT_EQ(remove({on_v0(kVip)}), "");
  EXPECT_EQ(add({on_v0(kVip)}), "");
  EXPECT_EQ(add({on_v0(kVip)}), "");
  EXPECT_EQ(count_of(ip("-4 -o addr show dev v0"), "172.28.1.254/32"), 1U);
}

TEST_F(AddressTest, AnEmptyBatchIsAnswered) {
  EXPECT_EQ(add({}), "");
  EXPECT_EQ(remove({}), "");
}

TEST_F(AddressTest, AnswersAreNeverToldWithinTheCall) {
  kernel_->add(1, {on_v0(kVip)}, {});
  kernel_->remove(2, {on_v0(kVip)});
  kernel_->add(3, {{kVip, 32, "v7", ""}}, {});
  EXPECT_TRUE(applied_.empty());
  EXPECT_EQ(applied(1), "");
  EXPECT_EQ(applied(2), "");
  EXPECT_NE(applied(3), "");
}

TEST_F(AddressTest, AThousandInOneBatch) {
  const auto addresses = many(1000);
  const auto start = Clock::now();
  ASSERT_EQ(add(addresses), "");
  std::cout << "1000 addresses added in " << milliseconds_since(start) << " ms\n";
  EXPECT_EQ(count_of(ip("-4 -o addr show dev v0"), "/32 scope global noprefixroute v0"), 1000U);
  const auto middle = Clock::now();
  ASSERT_EQ(remove(addresses), "");
  std::cout << "and removed in " << milliseconds_since(middle) << " ms\n";
  EXPECT_EQ(count_of(ip("-4 -o addr show dev v0"), "inet "), 1U);
}

TEST_F(AddressTest, ThousandsOfFailuresAreAllAnswered) {
  auto addresses = many(5000);
  std::ranges::for_each(addresses, [](auto& address) { address.prefix_length = 33; });
  EXPECT_EQ(add(addresses), "cannot add 172.16.0.1/33 to v0: Invalid argument");
  EXPECT_EQ(add({on_v0(kVip)}), "");
}

TEST_F(AddressTest, AnUnknownInterfaceIsNamedAndTheOthersAreSet) {
  EXPECT_EQ(add({{kVip, 32, "v7", ""}, on_v0(kVip)}),
            "cannot add 172.28.1.254/32 to v7: no such interface");
  EXPECT_NE(ip("-4 -o addr show dev v0").find("172.28.1.254/32"), std::string::npos);
  EXPECT_EQ(remove({{kVip, 32, "v7", ""}, on_v0(kVip)}), "");
  EXPECT_EQ(ip("-4 -o addr show dev v0").find("172.28.1.254"), std::string::npos);
}

TEST_F(AddressTest, TheFirstOfSeveralFailuresIsTold) {
  EXPECT_EQ(add({on_v0(kVip), {kVip, 40, "v0", ""}, {kVip, 50, "v0", ""}}),
            "cannot add 172.28.1.254/40 to v0: Invalid argument");
}

TEST_F(AddressTest, NothingIsToldAfterTheEnd) {
  kernel_->add(1, {on_v0(kVip)}, {});
  kernel_.reset();
  run_for(std::chrono::milliseconds(50));
  EXPECT_TRUE(applied_.empty());
  EXPECT_EQ(readable_, 0);
}

}  // namespace
}  // namespace haguard::vrrp
