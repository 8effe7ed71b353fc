#pragma once
// Protocol 112 over IPv6. The kernel hands out the message alone, behind any extension headers;
// where it came from and went to is in the ancillary data. It leaves the checksum to us, both ways:
// what it would drop for a bad one could not be counted.

#include "vrrp/raw_socket.h"

namespace haguard::vrrp {

class RawIpv6 final : public RawSocket {
 public:
  /// Throws std::system_error.
  RawIpv6(boost::asio::io_context& io, std::string interface, int index,
          std::function<void()> on_readable);

  void join() override;
  void enqueue(SendBatch& batch, const IpAddress& source, const IpAddress& destination,
               SharedBytes message) const override;
  [[nodiscard]] std::optional<ReceivedPacket> parse(const PacketBatch& batch,
                                                    std::size_t position) const override;
};

}  // namespace haguard::vrrp
