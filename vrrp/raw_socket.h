#pragma once
// The socket for protocol 112 on one interface in one family. What the families have in common is
// here; how each names addresses and what it says about a packet is in raw_ipv4 and raw_ipv6.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <system_error>

#include "vrrp/address.h"
#include "vrrp/async_socket.h"
#include "vrrp/packet_batch.h"
#include "vrrp/received_packet.h"
#include "vrrp/send_batch.h"
#include "vrrp/shared_bytes.h"

namespace haguard::vrrp {

inline constexpr int kPriorityControl = 6;  ///< of a socket: TC_PRIO_CONTROL

/// A structure of the kernel's as it lies in memory.
template <typename Value>
[[nodiscard]] std::span<const std::uint8_t> bytes_of(const Value& value) {
  return {reinterpret_cast<const std::uint8_t*>(&value), sizeof(value)};
}

class RawSocket {
 public:
  virtual ~RawSocket() = default;
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;

  [[nodiscard]] const std::string& interface() const { return interface_; }
  [[nodiscard]] int index() const { return index_; }
  [[nodiscard]] int descriptor() const { return socket_.descriptor(); }
  void arm() { socket_.arm(); }

  /// Joins the group; harmless when that has been done. Throws std::system_error.
  virtual void join() = 0;
  /// Both addresses are of the family. The batch is not full.
  virtual void enqueue(SendBatch& batch, const IpAddress& source, const IpAddress& destination,
                       SharedBytes message) const = 0;
  /// Nothing when it is not one whole packet that came in by the interface. Refers to the batch.
  [[nodiscard]] virtual std::optional<ReceivedPacket> parse(const PacketBatch& batch,
                                                            std::size_t position) const = 0;

 protected:
  /// `domain` is AF_INET or AF_INET6.
  RawSocket(boost::asio::io_context& io, std::string interface, int index, int domain,
            std::function<void()> on_readable);

  template <typename Value>
  void set_option(int level, int option, const Value& value, const char* what) {
    socket_.set_option(level, option, value, what);
  }
  /// The first out of the local queue. IP_TOS sets a priority of its own, so call it after that.
  void set_priority();
  void join_group(int level, int option, std::span<const std::uint8_t> membership,
                  const char* what);
  /// `info` is the ancillary data of that level and type.

 private:
  std::string interface_;
  int index_;
  AsyncSocket socket_;
};

/// Bound to the interface and joined to the group of the family. Throws std::system_error.
[[nodiscard]] std::shared_ptr<RawSocket> open_raw_socket(boost::asio::io_context& io,
                                                         const std::string& interface, int index,
                                                         Family family,
                                                         const std::function<void()>& on_readable);

}  // namespace haguard::vrrp
