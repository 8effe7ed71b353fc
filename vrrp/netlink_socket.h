#pragma once
// One rtnetlink socket: trains of requests out, well-formed messages of the kernel in.

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <system_error>

#include "vrrp/async_socket.h"
#include "vrrp/netlink_messages.h"

namespace haguard::vrrp {

class NetlinkSocket {
 public:
  enum class Receive : std::uint8_t {
    Datagram,  ///< its messages have been handed over
    Empty,     ///< nothing more for now
    Lost,      ///< the kernel dropped messages: what is known may be out of date
  };

  /// Joins `groups` (RTNLGRP_*). Throws std::system_error.
  NetlinkSocket(boost::asio::io_context& io, std::span<const int> groups, int receive_buffer,
                std::function<void()> on_readable);

  /// Our port: the kernel writes it into the answers to what we ask.
  [[nodiscard]] std::uint32_t port() const { return port_; }

  void arm() { socket_.arm(); }

  /// One or more complete messages as one datagram.
  [[nodiscard]] std::error_code send(std::span<const std::uint8_t> messages);
  [[nodiscard]] std::error_code send(const NetlinkMessage& message);

  /// Reads one datagram and hands its messages to `handle`, each within the bytes received.
  /// Datagrams that do not come from the kernel are skipped.
  Receive receive(const std::function<void(nlmsghdr&)>& handle);

 private:
  AsyncSocket socket_;
  std::uint32_t port_ = 0;
  alignas(nlmsghdr) std::array<std::uint8_t, 64 * 1024> buffer_;
};

}  // namespace haguard::vrrp
