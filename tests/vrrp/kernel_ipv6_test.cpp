#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/vrrp/kernel_fixture.h"

namespace haguard::vrrp {
namespace {

class Ipv6Test : public KernelTest {
 protected:
  void SetUp() override {
    KernelTest::SetUp();
    if (!HasFatalFailure()) {
      start();
    }
  }

  /// The line of `ip` about an address of v0; empty: it is not there.
  static std::string shown(const IpAddress& address) {
    std::istringstream lines(ip("-6 -o addr show dev v0"));
    std::string line;
    while (std::getline(lines, line)) {
      if (contains(line, "inet6 " + address.to_string() + "/")) {
        return line;
      }
    }
    return "";
  }

  [[nodiscard]] bool link_local_becomes(const IpAddress& address) {
    return becomes([&address](const auto& v0) { return v0.link_local == address; });
  }
};

TEST_F(Ipv6Test, AddsADeprecatedHostAddressThatWorksAtOnce) {
  ASSERT_EQ(add({on_v0(kVip6)}), "");
  const auto line = shown(kVip6);
  EXPECT_TRUE(contains(line, "2001:db8:28::fe/128 scope global")) << line;
  EXPECT_TRUE(contains(line, " nodad ")) << line;
  EXPECT_TRUE(contains(line, " deprecated ")) << line;
  EXPECT_TRUE(contains(line, " noprefixroute ")) << line;
  EXPECT_TRUE(contains(line, "valid_lft forever preferred_lft 0sec")) << line;
  EXPECT_FALSE(contains(line, "tentative")) << line;
  ASSERT_EQ(remove({on_v0(kVip6)}), "");
  EXPECT_EQ(shown(kVip6), "");
}

TEST_F(Ipv6Test, AVirtualAddressIsNoSource) {
  ip("addr add 2001:db8:28::1/64 dev v0 nodad");
  ASSERT_EQ(add({{kVip6, 64, "v0", ""}}), "");
  // By the longest common prefix (RFC 6724 5, rule 8) it would be the source.
  EXPECT_TRUE(contains(ip("-6 route get 2001:db8:28::ff"), "src 2001:db8:28::1 "));
}

TEST_F(Ipv6Test, ALinkLocalVirtualAddressIsNotDeprecated) {
  const auto vip = v6("fe80::fe");
  ASSERT_EQ(add({on_v0(vip)}, {.lease = std::chrono::seconds(100)}), "");
  const auto line = shown(vip);
  EXPECT_TRUE(contains(line, "fe80::fe/128 scope link")) << line;
  EXPECT_TRUE(contains(line, " nodad ")) << line;
  EXPECT_FALSE(contains(line, "deprecated")) << line;
  EXPECT_TRUE(contains(line, "valid_lft 100sec preferred_lft 100sec")) << line;
  ASSERT_EQ(remove({on_v0(vip)}), "");
  EXPECT_EQ(shown(vip), "");
}

TEST_F(Ipv6Test, TheOwnerHasARouteToThePrefix) {
  const conf::VirtualAddress vip{kVip6, 64, "v0", ""};
  ASSERT_EQ(add({vip}), "");
  EXPECT_FALSE(contains(ip("-6 route show dev v0"), "2001:db8:28::/64"));
  ASSERT_EQ(add({vip}, {.prefix_route = true}), "");
  EXPECT_TRUE(contains(ip("-6 route show dev v0"), "2001:db8:28::/64 proto kernel"));
}

TEST_F(Ipv6Test, ALabelIsIgnored) {
  const conf::VirtualAddress labelled{kVip6, 128, "v0", "v0:vip"};
  EXPECT_EQ(add({labelled}), "");
  EXPECT_NE(shown(kVip6), "");
  EXPECT_EQ(remove({labelled}), "");
  EXPECT_EQ(shown(kVip6), "");
}

TEST_F(Ipv6Test, WhatIsSoAlreadyIsSuccess) {
  EXPECT_EQ(remove({on_v0(kVip6)}), "");
  EXPECT_EQ(add({on_v0(kVip6)}), "");
  EXPECT_EQ(add({on_v0(kVip6)}), "");
  EXPECT_EQ(count_of(ip("-6 -o addr show dev v0"), "2001:db8:28::fe/128"), 1U);
}

TEST_F(Ipv6Test, WhereItIsDisabledTheErrorSaysSo) {
  std::ofstream("/proc/sys/net/ipv6/conf/v0/disable_ipv6") << "1";
  EXPECT_EQ(add({on_v0(kVip), on_v0(kVip6)}),
            "cannot add 2001:db8:28::fe/128 to v0: IPv6 is disabled on the interface");
  EXPECT_TRUE(becomes_held({{kVip, false}}));
  EXPECT_EQ(remove({on_v0(kVip), on_v0(kVip6)}), "");
}

TEST_F(Ipv6Test, TwoHundredFiftyFiveOfBothFamilies) {
  auto addresses = many(128);
  for (unsigned i = 1; i <= 127; ++i) {
    std::array<std::uint8_t, 16> bytes{0x20, 0x01, 0x0d, 0xb8, 0, 0x29};
    bytes.back() = static_cast<std::uint8_t>(i);
    addresses.insert(addresses.begin() + 2 * i, on_v0(*IpAddress::from_bytes(bytes)));
  }
  std::set<IpAddress> virtual_addresses;
  for (const auto& address : addresses) {
    virtual_addresses.insert(address.address);
  }
  ASSERT_EQ(virtual_addresses.size(), 255U);
  make({"v0"}, virtual_addresses);
  kernel_->start();
  ASSERT_EQ(add(addresses, {.lease = std::chrono::seconds(60)}), "");
  ASSERT_TRUE(run_until([this] { return held_["v0"].size() == 255; }));
  EXPECT_EQ(count_of(ip("-4 -o addr show dev v0"), "inet 172.16."), 128U);
  EXPECT_EQ(count_of(ip("-6 -o addr show dev v0"), "inet6 2001:db8:29::"), 127U);
  ASSERT_EQ(remove(addresses), "");
  EXPECT_TRUE(becomes_held({}));
  EXPECT_FALSE(contains(ip("-o addr show dev v0"), "inet 172.16."));
  EXPECT_FALSE(contains(ip("-o addr show dev v0"), "2001:db8:29::"));
}

TEST_F(Ipv6Test, ALinkLocalAddressIsToldWhenItMayBeUsed) {
  EXPECT_EQ(links_["v0"].link_local, IpAddress());
  ip("addr add fe80::10/64 dev v0");
  ASSERT_TRUE(contains(shown(v6("fe80::10")), "tentative"));
  ASSERT_TRUE(link_local_becomes(v6("fe80::10")));
  EXPECT_FALSE(contains(shown(v6("fe80::10")), "tentative"));
  ip("addr del fe80::10/64 dev v0");
  EXPECT_TRUE(link_local_becomes(IpAddress()));
}

TEST_F(Ipv6Test, ADuplicateIsNeverUsed) {
  at_peer([] { ip("addr add fe80::10/64 dev v1 nodad"); });
  ip("addr add fe80::10/64 dev v0");
  ASSERT_TRUE(run_until([] { return contains(shown(v6("fe80::10")), "dadfailed"); }));
  ip("addr add fe80::20/64 dev v0 nodad");
  ASSERT_TRUE(link_local_becomes(v6("fe80::20")));
  EXPECT_TRUE(std::ranges::none_of(
      history_, [](const auto& told) { return told.link_local == v6("fe80::10"); }));
}

TEST_F(Ipv6Test, TheLowestLinkLocalThatIsNotVirtual) {
  make({"v0"}, {v6("fe80::1")});
  ip("addr add fe80::30/64 dev v0 nodad");
  ip("addr add fe80::20/64 dev v0 nodad");
  ip("addr add fe80::40/64 dev v0 nodad");
  ip("addr add fe80::1/128 dev v0 nodad");
  ip("addr add 2001:db8::1/64 dev v0 nodad");
  kernel_->start();  // read
  ASSERT_TRUE(link_local_becomes(v6("fe80::20")));
  EXPECT_EQ(held_["v0"], (Held{{v6("fe80::1"), false}}));
  ip("addr add fe80::10/64 dev v0 nodad");  // announced
  EXPECT_TRUE(link_local_becomes(v6("fe80::10")));
  EXPECT_EQ(links_["v0"].primary, IpAddress::v4(10, 9, 0, 1));
}

TEST_F(Ipv6Test, SetDownTheInterfaceLosesItsIpv6Addresses) {
  ip("addr add fe80::10/64 dev v0 nodad");
  ASSERT_EQ(add({on_v0(kVip), on_v0(kVip6)}), "");
  ASSERT_TRUE(becomes_held({{kVip, false}, {kVip6, false}}));
  ASSERT_TRUE(link_local_becomes(v6("fe80::10")));
  ip("link set v0 down");
  EXPECT_TRUE(becomes_held({{kVip, false}}));
  EXPECT_TRUE(link_local_becomes(IpAddress()));
  EXPECT_EQ(links_["v0"].primary, IpAddress::v4(10, 9, 0, 1));
}

}  // namespace
}  // namespace haguard::vrrp
