#include "vrrp/link_table.h"

#include <gtest/gtest.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "vrrp/netlink_messages.h"

namespace haguard::vrrp {
namespace {

const IpAddress kOurs = IpAddress::v4(10, 9, 0, 1);
const IpAddress kVirtual = IpAddress::v4(172, 28, 1, 254);

class LinkTableTest : public testing::Test {
 protected:
  /// Of "v0" with this index.
  void link(std::uint16_t type, int index) {
    auto message = make_netlink_message(type, 0, 0);
    ifinfomsg header{};
    header.ifi_index = index;
    nlmsg_append(message.get(), &header, sizeof(header), NLMSG_ALIGNTO);
    nla_put_string(message.get(), IFLA_IFNAME, "v0");
    table_.apply(*nlmsg_hdr(message.get()));
  }

  void address(std::uint16_t type, unsigned index, const IpAddress& address) {
    auto message = make_netlink_message(type, 0, 0);
    ifaddrmsg header{};
    header.ifa_family = AF_INET;
    header.ifa_prefixlen = 32;
    header.ifa_index = index;
    nlmsg_append(message.get(), &header, sizeof(header), NLMSG_ALIGNTO);
    nla_put(message.get(), IFA_LOCAL, 4, address.bytes().data());
    table_.apply(*nlmsg_hdr(message.get()));
  }

  LinkTable table_{{kVirtual}};
};

TEST_F(LinkTableTest, AnAddressMayBeToldBeforeItsLink) {
  address(RTM_NEWADDR, 7, kOurs);
  address(RTM_NEWADDR, 7, kVirtual);
  EXPECT_TRUE(table_.held("v0").empty());
  link(RTM_NEWLINK, 7);
  EXPECT_EQ(table_.status("v0").primary, kOurs);
  EXPECT_EQ(table_.held("v0"), (std::vector<HeldAddress>{{kVirtual, false}}));
}

TEST_F(LinkTableTest, ALinkTakesItsAddressesAlong) {
  link(RTM_NEWLINK, 7);
  address(RTM_NEWADDR, 7, kOurs);
  address(RTM_NEWADDR, 7, kVirtual);
  link(RTM_DELLINK, 7);
  EXPECT_FALSE(table_.status("v0").present);
  link(RTM_NEWLINK, 7);
  EXPECT_TRUE(table_.status("v0").primary.is_unspecified());
  EXPECT_TRUE(table_.held("v0").empty());
}

TEST_F(LinkTableTest, AnAddressOfAnotherLinkIsNotRemoved) {
  link(RTM_NEWLINK, 7);
  address(RTM_NEWADDR, 7, kVirtual);
  address(RTM_DELADDR, 8, kVirtual);
  EXPECT_EQ(table_.held("v0").size(), 1U);
  address(RTM_DELADDR, 7, kVirtual);
  EXPECT_TRUE(table_.held("v0").empty());
}

}  // namespace
}  // namespace haguard::vrrp
