// Which addresses a router has, when their lease is due, and what counts as a loss.
#include "supervisor/holdings.h"

#include <gtest/gtest.h>

namespace haguard::supervisor {
namespace {

using namespace std::chrono_literals;
using vrrp::Family;
using vrrp::IpAddress;

const Instant kStart{1h};

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

conf::VirtualAddress on(std::string_view interface, std::string_view address) {
  const IpAddress parsed = ip(address);
  return {parsed, vrrp::host_prefix_length(parsed.family()), std::string(interface), ""};
}

conf::Instance instance(std::vector<conf::VirtualAddress> addresses) {
  conf::Instance result;
  result.interface = "etx2";
  result.virtual_addresses = std::move(addresses);
  result.lease = 3s;
  return result;
}

AddressesFound found(std::vector<IpAddress> addresses, bool expires = true) {
  AddressesFound event{"etx2", {}};
  for (const IpAddress& address : addresses) {
    event.addresses.push_back({address, expires});
  }
  return event;
}

const IpAddress kFirst = ip("172.28.1.253");
const IpAddress kSecond = ip("172.28.1.254");

class Two : public testing::Test {
 public:
  Holdings holdings{instance({on("etx2", "172.28.1.253"), on("etx2", "172.28.1.254")}),
                    Family::Ipv4};
};

TEST(Holdings, EachFamilyHasItsOwn) {
  auto mixed = instance({on("etx2", "172.28.1.254"), on("etx2", "2001:db8::10"),
                         on("etx1", "10.0.0.1"), on("etx2", "fe80::10")});
  mixed.excluded_addresses = {on("etx2", "2001:db8::11"), on("etx2", "172.28.1.250")};
  const Holdings v4(mixed, Family::Ipv4);
  EXPECT_EQ(v4.addresses(), (std::vector{on("etx2", "172.28.1.254"), on("etx1", "10.0.0.1"),
                                         on("etx2", "172.28.1.250")}));
  EXPECT_EQ(v4.advertised(), (std::vector{ip("172.28.1.254"), ip("10.0.0.1")}));
  const Holdings v6(mixed, Family::Ipv6);
  EXPECT_EQ(v6.addresses(), (std::vector{on("etx2", "2001:db8::10"), on("etx2", "fe80::10"),
                                         on("etx2", "2001:db8::11")}));
  // RFC 9568 5.2.9
  EXPECT_EQ(v6.advertised(), (std::vector{ip("fe80::10"), ip("2001:db8::10")}));
}

TEST(Holdings, ExcludedAddressesOfAFamilyWithoutARouterGoWithTheOther) {
  auto v4_only = instance({on("etx2", "172.28.1.254")});
  v4_only.excluded_addresses = {on("etx2", "2001:db8::11")};
  EXPECT_EQ(Holdings(v4_only, Family::Ipv4).addresses().size(), 2U);
}

TEST_F(Two, ALeaseIsRenewedThreeTimesInItsLength) {
  EXPECT_EQ(holdings.renew_at(), kNever);
  holdings.added(kStart);
  EXPECT_EQ(holdings.renew_at(), kStart + 1s);
  holdings.removed();
  EXPECT_EQ(holdings.renew_at(), kNever);
}

TEST(Holdings, WithoutALeaseNothingIsRenewed) {
  auto forever = instance({on("etx2", "172.28.1.254")});
  forever.lease = 0s;
  Holdings holdings(forever, Family::Ipv4);
  holdings.added(kStart);
  EXPECT_EQ(holdings.renew_at(), kNever);
}

TEST_F(Two, WhatIsNotThereYetIsNotLost) {
  holdings.added(kStart);
  EXPECT_TRUE(holdings.found(found({}), kStart).addresses.empty());
  EXPECT_TRUE(holdings.found(found({kFirst}), kStart).addresses.empty());
}

TEST_F(Two, WhatSomebodyRemovedIsLost) {
  holdings.added(kStart);
  (void)holdings.found(found({kFirst, kSecond}), kStart);
  const auto loss = holdings.found(found({kSecond}), kStart + 1s);
  EXPECT_EQ(loss.addresses, std::vector{kFirst});
  EXPECT_FALSE(loss.expired);
  // told once
  EXPECT_TRUE(holdings.found(found({kSecond}), kStart + 1s).addresses.empty());
}

TEST_F(Two, WhatWeRemovedIsNotLost) {
  holdings.added(kStart);
  (void)holdings.found(found({kFirst, kSecond}), kStart);
  holdings.removed();
  EXPECT_TRUE(holdings.found(found({}), kStart + 1s).addresses.empty());
}

TEST_F(Two, WhatWasNotRenewedInTimeHasExpired) {
  holdings.added(kStart);
  (void)holdings.found(found({kFirst, kSecond}), kStart);
  const auto loss = holdings.found(found({}), kStart + 3s);
  EXPECT_EQ(loss.addresses.size(), 2U);
  EXPECT_TRUE(loss.expired);
  EXPECT_FALSE(holdings.contested(kStart + 3s));
}

TEST_F(Two, FiveRemovalsWithinAMinuteAreAContest) {
  holdings.added(kStart);
  Instant now = kStart;
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(holdings.contested(now));
    holdings.added(now);
    (void)holdings.found(found({kFirst, kSecond}), now);
    (void)holdings.found(found({kSecond}), now);
    now += 10s;
  }
  EXPECT_TRUE(holdings.contested(now));
  EXPECT_FALSE(holdings.contested(kStart + 60s));
}

TEST_F(Two, AnotherInterfaceSaysNothingAboutOurs) {
  holdings.added(kStart);
  (void)holdings.found(found({kFirst, kSecond}), kStart);
  EXPECT_TRUE(holdings.found(AddressesFound{"etx1", {}}, kStart).addresses.empty());
}

TEST_F(Two, AdoptionNeedsAllOfThemWithALease) {
  EXPECT_FALSE(holdings.known());
  (void)holdings.found(found({kFirst}), kStart);
  EXPECT_TRUE(holdings.known());
  EXPECT_FALSE(holdings.leased());
  (void)holdings.found(found({kFirst, kSecond}, false), kStart);
  EXPECT_FALSE(holdings.leased());
  (void)holdings.found(found({kFirst, kSecond}), kStart);
  EXPECT_TRUE(holdings.leased());
}

}  // namespace
}  // namespace haguard::supervisor
