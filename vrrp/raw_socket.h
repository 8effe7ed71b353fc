#pragma once
// The socket for protocol 112 on one interface, and the buffers to read it with.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <system_error>

#include <netinet/in.h>
#include <sys/socket.h>

#include "vrrp/address.h"
#include "vrrp/async_socket.h"

namespace haguard::vrrp {

/// Packets read with one system call. Sockets may share it.
class PacketBatch {
 public:
  static constexpr std::size_t kPackets = 32;

  PacketBatch();
  /// Number of packets read, or the error; EAGAIN when there is none.
  std::error_code read(int descriptor, std::size_t& count);
  /// IP header and payload; empty when it did not fit or came in by another interface than `index`.
  [[nodiscard]] std::span<const std::uint8_t> packet(std::size_t position, int index) const;

 private:
  /// An advertisement has at most 60 + 8 + 255 * 4 bytes. Longer packets are not for us.
  static constexpr std::size_t kPacketSize = 2048;
  struct Slot {
    alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(in_pktinfo))> control;
    std::array<std::uint8_t, kPacketSize> bytes;
    iovec part;
  };

  std::array<Slot, kPackets> slots_;
  std::array<mmsghdr, kPackets> headers_;
};

class RawSocket {
 public:
  /// Bound to the interface and joined to the group. Throws std::system_error.
  RawSocket(boost::asio::io_context& io, std::string interface, int index,
            std::function<void()> on_readable);

  [[nodiscard]] const std::string& interface() const { return interface_; }
  [[nodiscard]] int index() const { return index_; }
  [[nodiscard]] int descriptor() const { return socket_.descriptor(); }
  void arm() { socket_.arm(); }

  /// Joins the group; harmless when that has been done. Throws std::system_error.
  void join();
  [[nodiscard]] std::error_code send(const IpAddress& source, const IpAddress& destination,
                                     std::span<const std::uint8_t> message);

 private:
  std::string interface_;
  int index_;
  AsyncSocket socket_;
};

}  // namespace haguard::vrrp
