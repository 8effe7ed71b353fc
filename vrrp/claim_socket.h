#pragma once
// A packet socket on one interface for the frames of one family that say who holds an address.

#include <functional>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <linux/filter.h>

#include "vrrp/address.h"
#include "vrrp/async_socket.h"

namespace haguard::vrrp {

class ClaimSocket {
 public:
  /// For IPv4 it receives ARP, for IPv6 neighbor advertisements. Throws std::system_error; ENETDOWN
  /// when the interface is not up.
  ClaimSocket(boost::asio::io_context& io, int index, Family family,
              std::function<void()> on_readable);

  [[nodiscard]] int index() const { return index_; }
  [[nodiscard]] int descriptor() const { return socket_.descriptor(); }
  void arm() { socket_.arm(); }
  /// Whether it goes on receiving; the kernel drops the rest without a word. Throws
  /// std::system_error, for want of memory.
  void attend(bool wanted);

 private:
  void attach(std::vector<sock_filter> program);
  void bind();

  int index_;
  Family family_;
  AsyncSocket socket_;
};

}  // namespace haguard::vrrp
