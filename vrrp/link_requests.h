#pragma once
// Single links over rtnetlink: look one up, make and remove a macvlan device, set how an interface
// treats ARP. The kernel works on such a request within the call that sends it, so each has its
// answer when it returns; nothing here waits.

#include <initializer_list>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include <boost/asio/io_context.hpp>

#include "vrrp/link_messages.h"
#include "vrrp/netlink_socket.h"
#include "vrrp/virtual_mac.h"

namespace haguard::vrrp {

class LinkRequests {
 public:
  /// Throws std::system_error.
  explicit LinkRequests(boost::asio::io_context& io);

  /// None: there is no such link.
  [[nodiscard]] std::optional<Link> find(const std::string& name);
  /// Administratively down. Mode bridge: in mode private, whatever another machine sends with this
  /// MAC address would be kept from the interface below, on which we listen to it.
  [[nodiscard]] std::error_code add(const VirtualDevice& device, int parent_index);
  [[nodiscard]] std::error_code remove(int index);
  /// Takes the kernel around 15 ms.
  [[nodiscard]] std::error_code set_down(int index);
  [[nodiscard]] std::error_code set_arp(int index, const ArpRules& rules);
  /// Source addresses are looked for behind any interface: the answers leave by the one below.
  [[nodiscard]] std::error_code set_loose_rp_filter(int index);
  /// No link-local address made of the MAC address: it would be the same on all nodes.
  [[nodiscard]] std::error_code stop_address_generation(int index);

 private:
  [[nodiscard]] std::error_code ask(const NetlinkMessage& message);
  [[nodiscard]] NetlinkMessage request(std::uint16_t type, int flags, int index,
                                       unsigned flags_to_clear = 0);
  [[nodiscard]] std::error_code set_ipv4(int index,
                                         std::initializer_list<std::pair<int, unsigned>> values);

  NetlinkSocket socket_;
  std::uint32_t sequence_ = 0;
  std::optional<Link> found_;
};

}  // namespace haguard::vrrp
