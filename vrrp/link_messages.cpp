#include "vrrp/link_messages.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include <net/if.h>
// after net/if.h, which it completes
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>

namespace haguard::vrrp {
namespace {

std::span<const std::uint8_t> bytes_of(const nlattr* attribute) {
  if (attribute == nullptr) {
    return {};
  }
  return {static_cast<const std::uint8_t*>(nla_data(attribute)),
          static_cast<std::size_t>(nla_len(attribute))};
}

/// The own end of a point-to-point link is IFA_LOCAL; for IPv6 that is missing when there is no
/// other end, and IFA_ADDRESS is the address itself.
const nlattr* local_address(const ifaddrmsg& header, std::span<nlattr* const> attributes) {
  const nlattr* local = attributes[IFA_LOCAL];
  return local == nullptr && header.ifa_family == AF_INET6 ? attributes[IFA_ADDRESS] : local;
}

bool is_usable(std::uint32_t flags) {
  const bool tentative = (flags & IFA_F_TENTATIVE) != 0 && (flags & IFA_F_OPTIMISTIC) == 0;
  return !tentative && (flags & IFA_F_DADFAILED) == 0;
}

/// Whether the valid lifetime is finite.
bool expires(const nlattr* cache_info) {
  constexpr std::uint32_t kForever = 0xffffffff;
  return cache_info != nullptr &&
         static_cast<const ifa_cacheinfo*>(nla_data(cache_info))->ifa_valid != kForever;
}

bool is_macvlan(nlattr* link_info) {
  std::array<nla_policy, IFLA_INFO_MAX + 1> policy{};
  policy[IFLA_INFO_KIND].type = NLA_STRING;
  std::array<nlattr*, IFLA_INFO_MAX + 1> attributes{};
  return link_info != nullptr &&
         nla_parse_nested(attributes.data(), IFLA_INFO_MAX, link_info, policy.data()) == 0 &&
         attributes[IFLA_INFO_KIND] != nullptr &&
         nla_strcmp(attributes[IFLA_INFO_KIND], "macvlan") == 0;
}

const nlattr* find_nested(const nlattr* parent, int type) {
  return parent == nullptr
             ? nullptr
             : nla_find(static_cast<const nlattr*>(nla_data(parent)), nla_len(parent), type);
}

/// Of the settings of IPv4, which come as an array without the unused number 0.
ArpRules arp_rules(const nlattr* families) {
  const auto values = bytes_of(find_nested(find_nested(families, AF_INET), IFLA_INET_CONF));
  const auto value = [values](std::size_t number) {
    std::uint32_t result = 0;
    if (values.size() >= number * sizeof(result)) {
      std::memcpy(&result, &values[(number - 1) * sizeof(result)], sizeof(result));
    }
    return result;
  };
  return {value(IPV4_DEVCONF_ARP_IGNORE), value(IPV4_DEVCONF_ARP_ANNOUNCE)};
}

}  // namespace

std::optional<Link> parse_link(nlmsghdr& message) {
  std::array<nla_policy, IFLA_MAX + 1> policy{};
  policy[IFLA_IFNAME].type = NLA_STRING;
  policy[IFLA_IFNAME].maxlen = IFNAMSIZ;
  policy[IFLA_LINK].type = NLA_U32;
  std::array<nlattr*, IFLA_MAX + 1> attributes{};
  if (nlmsg_valid_hdr(&message, sizeof(ifinfomsg)) == 0 ||
      nlmsg_parse(&message, sizeof(ifinfomsg), attributes.data(), IFLA_MAX, policy.data()) < 0 ||
      attributes[IFLA_IFNAME] == nullptr) {
    return std::nullopt;
  }
  const auto* header = static_cast<const ifinfomsg*>(nlmsg_data(&message));
  // A bridge reports its ports as links of its own family: joining and leaving a bridge is neither
  // the birth nor the death of the interface.
  if (header->ifi_family != AF_UNSPEC) {
    return std::nullopt;
  }
  Link link;
  link.index = header->ifi_index;
  link.name = nla_get_string(attributes[IFLA_IFNAME]);
  constexpr unsigned kRunning = unsigned{IFF_UP} | unsigned{IFF_LOWER_UP};
  link.running = (header->ifi_flags & kRunning) == kRunning;
  const auto mac = bytes_of(attributes[IFLA_ADDRESS]);
  if (mac.size() == link.mac.bytes.size()) {
    std::ranges::copy(mac, link.mac.bytes.begin());
  }
  if (attributes[IFLA_LINK] != nullptr && attributes[IFLA_LINK_NETNSID] == nullptr &&
      is_macvlan(attributes[IFLA_LINKINFO])) {
    link.macvlan_on = static_cast<int>(nla_get_u32(attributes[IFLA_LINK]));
  }
  link.arp = arp_rules(attributes[IFLA_AF_SPEC]);
  return link;
}

std::optional<InterfaceAddress> parse_address(nlmsghdr& message) {
  std::array<nla_policy, IFA_MAX + 1> policy{};
  policy[IFA_FLAGS].type = NLA_U32;
  policy[IFA_CACHEINFO].minlen = sizeof(ifa_cacheinfo);
  std::array<nlattr*, IFA_MAX + 1> attributes{};
  if (nlmsg_valid_hdr(&message, sizeof(ifaddrmsg)) == 0 ||
      nlmsg_parse(&message, sizeof(ifaddrmsg), attributes.data(), IFA_MAX, policy.data()) < 0) {
    return std::nullopt;
  }
  const auto* header = static_cast<const ifaddrmsg*>(nlmsg_data(&message));
  const auto address = IpAddress::from_bytes(bytes_of(local_address(*header, attributes)));
  if (!address || header->ifa_family != (address->family() == Family::Ipv4 ? AF_INET : AF_INET6)) {
    return std::nullopt;
  }
  const auto* wide_flags = attributes[IFA_FLAGS];
  const std::uint32_t flags = wide_flags == nullptr ? header->ifa_flags : nla_get_u32(wide_flags);
  InterfaceAddress result;
  result.index = static_cast<int>(header->ifa_index);
  result.address = *address;
  result.prefix_length = header->ifa_prefixlen;
  result.inferior = (flags & IFA_F_SECONDARY) != 0 || header->ifa_scope != RT_SCOPE_UNIVERSE;
  result.usable = is_usable(flags);
  result.expires = expires(attributes[IFA_CACHEINFO]);
  return result;
}

}  // namespace haguard::vrrp
