#pragma once
// Protocol 112 over IPv4. The kernel hands out the header with the message.

#include "vrrp/raw_socket.h"

namespace haguard::vrrp {

class RawIpv4 final : public RawSocket {
 public:
  /// Throws std::system_error.
  RawIpv4(boost::asio::io_context& io, std::string interface, int index,
          std::function<void()> on_readable);

  void join() override;
  void enqueue(SendBatch& batch, const IpAddress& source, const IpAddress& destination,
               SharedBytes message) const override;
  [[nodiscard]] std::optional<ReceivedPacket> parse(const PacketBatch& batch,
                                                    std::size_t position) const override;
};

}  // namespace haguard::vrrp
