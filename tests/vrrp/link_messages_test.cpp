#include "vrrp/link_messages.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "vrrp/netlink_messages.h"

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

struct Ipv6Message {
  std::uint32_t flags = IFA_F_PERMANENT;
  std::uint32_t valid = 0xffffffff;
  bool has_peer = false;
  std::size_t cache_info_size = sizeof(ifa_cacheinfo);
};

/// RTM_NEWADDR of fe80::1/64 on the link with index 7.
NetlinkMessage ipv6_message(const Ipv6Message& form) {
  auto message = make_netlink_message(RTM_NEWADDR, 0, 0);
  ifaddrmsg header{};
  header.ifa_family = AF_INET6;
  header.ifa_prefixlen = 64;
  header.ifa_scope = RT_SCOPE_LINK;
  header.ifa_index = 7;
  nlmsg_append(message.get(), &header, sizeof(header), NLMSG_ALIGNTO);
  const auto local = IpAddress::parse("fe80::1").value();
  const auto peer = IpAddress::parse("fe80::2").value();
  if (form.has_peer) {
    nla_put(message.get(), IFA_LOCAL, 16, local.bytes().data());
  }
  nla_put(message.get(), IFA_ADDRESS, 16, (form.has_peer ? peer : local).bytes().data());
  nla_put_u32(message.get(), IFA_FLAGS, form.flags);
  ifa_cacheinfo lifetimes{};
  lifetimes.ifa_valid = form.valid;
  nla_put(message.get(), IFA_CACHEINFO, static_cast<int>(form.cache_info_size), &lifetimes);
  return message;
}

std::optional<InterfaceAddress> parsed(const Ipv6Message& form) {
  const auto message = ipv6_message(form);
  return parse_address(*nlmsg_hdr(message.get()));
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
  EXPECT_TRUE(address->usable);
  EXPECT_FALSE(address->expires);
}

TEST(LinkMessages, AnIpv6Address) {
  const auto address = parsed({});
  ASSERT_TRUE(address);
  EXPECT_EQ(address->index, 7);
  EXPECT_EQ(address->address, IpAddress::parse("fe80::1"));
  EXPECT_EQ(address->prefix_length, 64);
  EXPECT_TRUE(address->usable);
  EXPECT_FALSE(address->expires);
}

TEST(LinkMessages, TheOwnEndOfAPointToPointLink) {
  EXPECT_EQ(parsed({.has_peer = true}).value().address, IpAddress::parse("fe80::1"));
}

TEST(LinkMessages, AnAddressIsUsableUnlessItMayBeADuplicate) {
  EXPECT_FALSE(parsed({.flags = IFA_F_TENTATIVE}).value().usable);
  EXPECT_FALSE(parsed({.flags = IFA_F_TENTATIVE | IFA_F_DADFAILED}).value().usable);
  EXPECT_FALSE(parsed({.flags = IFA_F_DADFAILED}).value().usable);
  EXPECT_TRUE(parsed({.flags = IFA_F_TENTATIVE | IFA_F_OPTIMISTIC}).value().usable);
  EXPECT_TRUE(parsed({.flags = IFA_F_NODAD | IFA_F_NOPREFIXROUTE}).value().usable);
  EXPECT_TRUE(parsed({.flags = IFA_F_DEPRECATED}).value().usable);
}

TEST(LinkMessages, AFiniteLifetimeExpires) {
  EXPECT_TRUE(parsed({.valid = 0}).value().expires);
  EXPECT_TRUE(parsed({.valid = 3}).value().expires);
  EXPECT_TRUE(parsed({.valid = 0xfffffffe}).value().expires);
  EXPECT_FALSE(parsed({.valid = 0xffffffff}).value().expires);
}

TEST(LinkMessages, ACutLifetimeIsNone) {
  EXPECT_FALSE(parsed({.cache_info_size = sizeof(ifa_cacheinfo) - 1}));
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

TEST(LinkMessages, TheWalkEndsWhereALengthDoesNotFit) {
  std::vector<std::uint8_t> datagram(3 * sizeof(nlmsghdr));
  const auto walk = [&datagram](std::array<std::uint32_t, 3> lengths) {
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      std::memcpy(datagram.data() + i * sizeof(nlmsghdr), &lengths[i], sizeof(lengths[i]));
    }
    int count = 0;
    for_each_message(datagram, [&count](nlmsghdr&) { ++count; });
    return count;
  };
  EXPECT_EQ(walk({16, 16, 16}), 3);
  EXPECT_EQ(walk({32, 0, 16}), 2);
  EXPECT_EQ(walk({16, 15, 16}), 1);
  EXPECT_EQ(walk({16, 16, 17}), 2);
  EXPECT_EQ(walk({16, 0xffffffff, 16}), 1);
  EXPECT_EQ(walk({16, 0x80000000, 16}), 1);
  EXPECT_EQ(walk({48, 0, 0}), 1);
  EXPECT_EQ(walk({0, 16, 16}), 0);
  datagram.resize(47);
  EXPECT_EQ(walk({47, 0, 0}), 1);
}

/// Beside the name: a device of that kind on the link with index 3.
NetlinkMessage device_message(const char* kind) {
  auto message = link_message(AF_UNSPEC, "vrrp4.51");
  nla_put_u32(message.get(), IFLA_LINK, 3);
  nlattr* info = nla_nest_start(message.get(), IFLA_LINKINFO);
  nla_put_string(message.get(), IFLA_INFO_KIND, kind);
  nla_nest_end(message.get(), info);
  return message;
}

TEST(LinkMessages, AMacvlanDeviceSaysWhatItIsMadeOn) {
  EXPECT_EQ(parse_link(*nlmsg_hdr(device_message("macvlan").get()))->macvlan_on, 3);
  EXPECT_EQ(parse_link(*nlmsg_hdr(device_message("vlan").get()))->macvlan_on, 0);
  EXPECT_EQ(parse_link(*nlmsg_hdr(link_message(AF_UNSPEC, "eth0").get()))->macvlan_on, 0);
}

TEST(LinkMessages, InAnotherNetworkNamespaceIsNowhere) {
  const auto message = device_message("macvlan");
  nla_put_u32(message.get(), IFLA_LINK_NETNSID, 0);
  EXPECT_EQ(parse_link(*nlmsg_hdr(message.get()))->macvlan_on, 0);
}

TEST(LinkMessages, TheArpRulesAreAmongTheSettingsOfIpv4) {
  const auto with_settings = [](std::size_t count) {
    auto message = link_message(AF_UNSPEC, "eth0");
    std::vector<std::uint32_t> settings(count, 9);
    settings.resize(33);
    settings[18 - 1] = 2;  // IPV4_DEVCONF_ARP_ANNOUNCE
    settings[19 - 1] = 1;  // IPV4_DEVCONF_ARP_IGNORE
    settings.resize(count);
    nlattr* families = nla_nest_start(message.get(), IFLA_AF_SPEC);
    nlattr* ipv4 = nla_nest_start(message.get(), AF_INET);
    nla_put(message.get(), IFLA_INET_CONF, static_cast<int>(4 * count), settings.data());
    nla_nest_end(message.get(), ipv4);
    nla_nest_end(message.get(), families);
    return parse_link(*nlmsg_hdr(message.get()))->arp;
  };
  EXPECT_EQ(with_settings(33), (ArpRules{1, 2}));
  EXPECT_EQ(with_settings(18), (ArpRules{0, 2}));
  EXPECT_EQ(with_settings(0), ArpRules{});
}

}  // namespace
}  // namespace haguard::vrrp
