#pragma once
// Port: hears who on the LAN claims one of our virtual addresses (RFC 5227 2.4, passive: it sends
// nothing). Packet sockets, one per interface and family, with a filter that leaves everything but
// ARP and neighbor advertisements to the kernel. Nothing here blocks or throws after construction:
// what fails is reported through `on_error` and tried again at the next open().

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "vrrp/address.h"

namespace haguard::vrrp {

class NeighborWatch {
 public:
  /// Also from a machine of ours: whose the MAC address is, and who may hold the address, is for
  /// others to know. Not from this machine, unless the LAN brings our own frames back.
  struct Claim {
    std::string interface;
    IpAddress address;
    MacAddress mac;

    bool operator==(const Claim&) const = default;
  };

  struct Handlers {
    /// A socket became readable: the owner shall call take().
    std::function<void()> on_readable;
    /// An error is reported once until the next success; that a link is down is not an error. The
    /// watch must not be called from here.
    std::function<void(const std::string& message)> on_error;
  };

  /// `addresses` are those of which claims are told.
  NeighborWatch(boost::asio::io_context& io, std::set<IpAddress> addresses, Handlers handlers);
  ~NeighborWatch();

  /// From now on of other ones. What is open is to be opened once more, for their families.
  void watch(std::set<IpAddress> addresses);

  /// While nobody attends, as in the beginning, there are no claims, and no processor time goes to
  /// them: a standby hears each announcement of the active node. At once; nothing of before counts.
  void attend(bool wanted);

  /// Opens what is not open; all anew when the index differs.
  void open(const std::string& interface, int index);
  void close(const std::string& interface);

  /// The claims since the last call, in the order of arrival per interface and family. Reads at
  /// most 256 frames of each; on_readable is called for what is left. Never blocks.
  [[nodiscard]] std::vector<Claim> take();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace haguard::vrrp
