#include "vrrp/link_requests.h"

#include <net/if.h>
// after net/if.h, which it completes
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>

namespace haguard::vrrp {
namespace {

constexpr int kReceiveBuffer = 64 * 1024;

/// Closes the attribute at the end of its block.
class Nest {
 public:
  Nest(nl_msg& message, int type) : message_(message), start_(nla_nest_start(&message, type)) {}
  ~Nest() { nla_nest_end(&message_, start_); }
  Nest(const Nest&) = delete;
  Nest& operator=(const Nest&) = delete;

 private:
  nl_msg& message_;
  nlattr* start_;
};

}  // namespace

LinkRequests::LinkRequests(boost::asio::io_context& io) : socket_(io, {}, kReceiveBuffer, [] {}) {}

std::optional<Link> LinkRequests::find(const std::string& name) {
  const auto message = request(RTM_GETLINK, 0, 0);
  nla_put_string(message.get(), IFLA_IFNAME, name.c_str());
  found_.reset();
  return ask(message) ? std::nullopt : found_;
}

std::error_code LinkRequests::add(const VirtualDevice& device, int parent_index) {
  const auto message = request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, 0);
  const auto mac = device.mac().bytes;
  nla_put_string(message.get(), IFLA_IFNAME, device.name().c_str());
  nla_put_u32(message.get(), IFLA_LINK, static_cast<std::uint32_t>(parent_index));
  nla_put(message.get(), IFLA_ADDRESS, static_cast<int>(mac.size()), mac.data());
  {
    const Nest info(*message, IFLA_LINKINFO);
    nla_put_string(message.get(), IFLA_INFO_KIND, "macvlan");
    const Nest data(*message, IFLA_INFO_DATA);
    nla_put_u32(message.get(), IFLA_MACVLAN_MODE, MACVLAN_MODE_BRIDGE);
  }
  return ask(message);
}

std::error_code LinkRequests::remove(int index) {
  return ask(request(RTM_DELLINK, NLM_F_ACK, index));
}

std::error_code LinkRequests::set_down(int index) {
  return ask(request(RTM_SETLINK, NLM_F_ACK, index, unsigned{IFF_UP}));
}

std::error_code LinkRequests::set_arp(int index, const ArpRules& rules) {
  return set_ipv4(index, {{IPV4_DEVCONF_ARP_IGNORE, rules.ignore},
                          {IPV4_DEVCONF_ARP_ANNOUNCE, rules.announce}});
}

std::error_code LinkRequests::set_loose_rp_filter(int index) {
  constexpr unsigned kLoose = 2;  // the greater of this and conf/all counts
  return set_ipv4(index, {{IPV4_DEVCONF_RP_FILTER, kLoose}});
}

std::error_code LinkRequests::stop_address_generation(int index) {
  const auto message = request(RTM_SETLINK, NLM_F_ACK, index);
  {
    const Nest families(*message, IFLA_AF_SPEC);
    const Nest ipv6(*message, AF_INET6);
    nla_put_u8(message.get(), IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
  }
  return ask(message);
}

std::error_code LinkRequests::set_ipv4(int index,
                                       std::initializer_list<std::pair<int, unsigned>> values) {
  const auto message = request(RTM_SETLINK, NLM_F_ACK, index);
  {
    const Nest families(*message, IFLA_AF_SPEC);
    const Nest ipv4(*message, AF_INET);
    const Nest settings(*message, IFLA_INET_CONF);
    for (const auto& [setting, value] : values) {
      nla_put_u32(message.get(), setting, value);
    }
  }
  return ask(message);
}

NetlinkMessage LinkRequests::request(std::uint16_t type, int flags, int index,
                                     unsigned flags_to_clear) {
  auto message = make_netlink_message(type, NLM_F_REQUEST | flags, ++sequence_);
  ifinfomsg header{};
  header.ifi_index = index;
  header.ifi_change = flags_to_clear;
  nlmsg_append(message.get(), &header, sizeof(header), NLMSG_ALIGNTO);
  return message;
}

std::error_code LinkRequests::ask(const NetlinkMessage& message) {
  if (const auto error = socket_.send(message)) {
    return error;
  }
  auto outcome = std::make_error_code(std::errc::timed_out);
  const auto handle = [&](nlmsghdr& answer) {
    if (answer.nlmsg_seq != sequence_) {
      return;
    }
    if (answer.nlmsg_type == RTM_NEWLINK) {
      found_ = parse_link(answer);
      outcome = {};
    } else if (answer.nlmsg_type == NLMSG_ERROR && nlmsg_valid_hdr(&answer, sizeof(nlmsgerr))) {
      const int error = -static_cast<const nlmsgerr*>(nlmsg_data(&answer))->error;
      outcome = {error, std::generic_category()};
    }
  };
  while (socket_.receive(handle) == NetlinkSocket::Receive::Datagram) {
  }
  return outcome;
}

}  // namespace haguard::vrrp
