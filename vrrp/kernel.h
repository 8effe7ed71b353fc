#pragma once
// Port: links and addresses of the Linux kernel, over rtnetlink. The only user of libnl. Requests
// are sent in one batch and acknowledged asynchronously; links and addresses are followed by
// notification, and read again in full when the kernel says that notifications were lost.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "conf/config.h"
#include "vrrp/address.h"

namespace haguard::vrrp {

/// What is known of a watched interface. Told at start and whenever one of these values changes.
struct LinkStatus {
  std::string interface;
  bool present = false;
  bool running = false;  ///< administratively up and with carrier (IFF_UP and IFF_LOWER_UP)
  int index = 0;
  MacAddress mac;
  /// The first IPv4 address in kernel order that is not one of the virtual addresses; unspecified
  /// (0.0.0.0) when there is none.
  IpAddress primary;
  /// The lowest IPv6 link-local address that packets can be sent from and that is not one of the
  /// virtual addresses; the unspecified IPv4 address when there is none. The lowest, because the
  /// order of IPv6 addresses in a reading is not the one in which they were announced. Unlike IPv4
  /// addresses, the kernel drops those of IPv6 when the interface is set down.
  IpAddress link_local;

  bool operator==(const LinkStatus&) const = default;
};

/// A virtual address that is on an interface, whoever put it there.
struct HeldAddress {
  IpAddress address;
  bool expires = false;  ///< finite valid lifetime: a lease is running

  bool operator==(const HeldAddress&) const = default;
};

/// How addresses are added.
struct AddressTerms {
  /// The kernel removes the address by itself so long after it was last added; not negative, and 0
  /// is never. It looks for ended leases at most once a second and whenever an address is added, so
  /// this may come up to a second late.
  std::chrono::seconds lease{0};
  /// With a route to the prefix, as the owner of the addresses has them. An IPv4 address that is
  /// there already keeps or lacks its route: the kernel does not change that.
  bool prefix_route = false;
  /// The device of a virtual MAC address: set up before the first address is added. Empty: none.
  std::string device{};
};

/// Addresses to be added together; the kernel's answer is about all of them.
struct AddressBatch {
  std::uint64_t id = 0;
  const std::vector<conf::VirtualAddress>& addresses;
  AddressTerms terms;
};

class Kernel {
 public:
  struct Handlers {
    std::function<void(const LinkStatus&)> on_link;
    /// The virtual addresses that are on a watched interface, sorted. Told right after the first
    /// on_link of all interfaces, also when there are none; then at the end of each drain() that
    /// left other addresses than told last, or one whose lease begins or ends. An address that was
    /// removed and added again in between, or renewed, is no change. The kernel announces a new
    /// IPv6 address a moment after it has acknowledged it.
    std::function<void(const std::string& interface, const std::vector<HeldAddress>&)>
        on_virtual_addresses;
    /// The last acknowledgement of a batch has come: error text of the first failure, or empty.
    std::function<void(std::uint64_t batch, const std::string& error)> on_applied;
    /// A socket became readable: the owner shall call drain().
    std::function<void()> on_readable;
    /// A condition the operator should know (notifications lost and read again, …).
    std::function<void(const std::string& message)> on_warning;
  };

  /// Follows `interfaces`. `virtual_addresses` are never taken for primary or link_local.
  /// Throws std::runtime_error when netlink itself is not to be had.
  Kernel(boost::asio::io_context& io, std::set<std::string> interfaces,
         std::set<IpAddress> virtual_addresses, Handlers handlers);
  ~Kernel();

  /// Asks for everything once; the answers come through on_link and on_virtual_addresses, also for
  /// interfaces that are missing.
  void start();
  /// From now on other ones. Everything about them is told as at start, also what was told before.
  void follow(std::set<std::string> interfaces, std::set<IpAddress> virtual_addresses);
  /// Reads and handles what the sockets hold. Never blocks.
  void drain();

  /// All in one message train, as far as it goes. Removing what is not there is a success, and
  /// adding what is there renews it on the new terms. IPv6 addresses are not checked for
  /// duplicates, and are deprecated from the start, so that no connection of this host chooses them
  /// as its source (RFC 6724 5, rule 3), but for link-local ones.
  void add(std::uint64_t batch, const std::vector<conf::VirtualAddress>& addresses,
           const AddressTerms& terms) {
    add({{batch, addresses, terms}});
  }
  void add(const std::vector<AddressBatch>& batches);
  void remove(std::uint64_t batch, const std::vector<conf::VirtualAddress>& addresses);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace haguard::vrrp
