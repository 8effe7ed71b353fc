#pragma once
// Port: links and addresses of the Linux kernel, over rtnetlink. The only user of libnl. Requests
// are sent in one batch and acknowledged asynchronously; links are followed by notification, and
// read again in full when the kernel says that notifications were lost.

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

  bool operator==(const LinkStatus&) const = default;
};

class Kernel {
 public:
  struct Handlers {
    std::function<void(const LinkStatus&)> on_link;
    /// The last acknowledgement of a batch has come: error text of the first failure, or empty.
    std::function<void(std::uint64_t batch, const std::string& error)> on_applied;
    /// A socket became readable: the owner shall call drain().
    std::function<void()> on_readable;
    /// A condition the operator should know (notifications lost and read again, …).
    std::function<void(const std::string& message)> on_warning;
  };

  /// Follows `interfaces`. `virtual_addresses` are never taken for a primary address.
  /// Throws std::runtime_error when netlink itself is not to be had.
  Kernel(boost::asio::io_context& io, std::set<std::string> interfaces,
         std::set<IpAddress> virtual_addresses, Handlers handlers);
  ~Kernel();

  /// Asks for everything once; the answers come through on_link, also for interfaces that are
  /// missing.
  void start();
  /// Reads and handles what the sockets hold. Never blocks.
  void drain();

  /// All in one message train. Adding what is there and removing what is not are successes.
  /// Addresses get `noprefixroute`.
  void add(std::uint64_t batch, const std::vector<conf::VirtualAddress>& addresses);
  void remove(std::uint64_t batch, const std::vector<conf::VirtualAddress>& addresses);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace haguard::vrrp
