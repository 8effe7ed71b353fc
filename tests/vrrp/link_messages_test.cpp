#include "vrrp/link_messages.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "vrrp/netlink_socket.h"

namespace haguard::vrrp {
namespace {

/// RTM_NEWLINK of "eth0", index 7, up.
NetlinkMessage link_message(unsigned char family, const char* name) {
  auto message = make_netlink_message(RTM_NEWLINK, 0, 0);
  ifinfomsg header{};
  header.ifi_family = family;
  header.ifi_index = 7;
  header.ifi_flags = IFF_UP;
  nlmsg_append(message.get(), &header, sizeof(header), NLMSG_ALIGNTO);
  nla_put_string(message.get(), IFLA_IFNAME, name);
  const std::array<std::uint8_t, 6> mac{2, 0, 0, 0, 0, 9};
  nla_put(message.get(), IFLA_ADDRESS, mac.size(), mac.data());
  return message;
}

TEST(LinkMessages, ALink) {
  const auto message = link_message(AF_UNSPEC, "eth0");
  const auto link = parse_link(*nlmsg_hdr(message.get()));
  ASSERT_TRUE(link);
  EXPECT_EQ(link->index, 7);
  EXPECT_EQ(link->name, "eth0");
  EXPECT_FALSE(link->running);  // up, but without carrier
  EXPECT_EQ(link->mac, (MacAddress{{2, 0, 0, 0, 0, 9}}));
}

TEST(LinkMessages, BridgePortsAreNotLinks) {
  const auto message = link_message(AF_BRIDGE, "eth0");
  EXPECT_FALSE(parse_link(*nlmsg_hdr(message.get())));
}

TEST(LinkMessages, AnAddress) {
  auto message = make_netlink_message(RTM_NEWADDR, 0, 0);
  ifaddrmsg header{};
  header.ifa_family = AF_INET;
  header.ifa_prefixlen = 24;
  header.ifa_index = 7;
  nlmsg_append(message.get(), &header, sizeof(header), NLMSG_ALIGNTO);
  const std::array<std::uint8_t, 4> bytes{10, 9, 0, 1};
  nla_put(message.get(), IFA_LOCAL, bytes.size(), bytes.data());
  const auto address = parse_address(*nlmsg_hdr(message.get()));
  ASSERT_TRUE(address);
  EXPECT_EQ(address->index, 7);
  EXPECT_EQ(address->address, IpAddress::v4(10, 9, 0, 1));
  EXPECT_EQ(address->prefix_length, 24);
  EXPECT_FALSE(address->inferior);
}

TEST(LinkMessages, AnAddressOfTheWrongLengthIsNone) {
  auto message = make_netlink_message(RTM_NEWADDR, 0, 0);
  ifaddrmsg header{};
  header.ifa_family = AF_INET;
  nlmsg_append(message.get(), &header, sizeof(header), NLMSG_ALIGNTO);
  const std::array<std::uint8_t, 3> bytes{10, 9, 0};
  nla_put(message.get(), IFA_LOCAL, bytes.size(), bytes.data());
  EXPECT_FALSE(parse_address(*nlmsg_hdr(message.get())));
}

// Every length, in the header and in each attribute, that does not fit the bytes there are. The
// bytes end where the message ends, so that a sanitizer sees a read beyond.
TEST(LinkMessages, LyingLengthsAreNotFollowed) {
  const auto message = link_message(AF_UNSPEC, "eth0");
  const auto* header = nlmsg_hdr(message.get());
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(header);
  for (std::size_t cut = sizeof(nlmsghdr); cut <= header->nlmsg_len; ++cut) {
    std::vector<std::uint8_t> shorter(bytes, bytes + cut);
    auto& shortened = *reinterpret_cast<nlmsghdr*>(shorter.data());
    shortened.nlmsg_len = static_cast<std::uint32_t>(cut);
    const auto link = parse_link(shortened);
    EXPECT_TRUE(!link || link->name == "eth0") << cut;
    (void)parse_address(shortened);
  }
  const std::size_t attribute = sizeof(nlmsghdr) + sizeof(ifinfomsg);
  for (unsigned length = 0; length <= 0xffff; ++length) {
    std::vector<std::uint8_t> lying(bytes, bytes + header->nlmsg_len);
    const auto value = static_cast<std::uint16_t>(length);
    std::memcpy(lying.data() + attribute, &value, sizeof(value));
    const auto link = parse_link(*reinterpret_cast<nlmsghdr*>(lying.data()));
    EXPECT_TRUE(!link || std::string_view("eth0").starts_with(link->name)) << length;
    (void)parse_address(*reinterpret_cast<nlmsghdr*>(lying.data()));
  }
}

}  // namespace
}  // namespace haguard::vrrp
