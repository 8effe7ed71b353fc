#pragma once
// Port: VRRP packets and ARP frames on the LAN. Raw sockets, one per interface, bound to it; the
// multicast group is joined by interface index. Nothing here blocks or throws after construction:
// what fails is reported through `on_error` and tried again at the next open().

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include <boost/asio/io_context.hpp>

#include "vrrp/address.h"

namespace haguard::vrrp {

/// One IP packet of protocol 112. `message` is the payload, valid during the call only.
struct ReceivedPacket {
  std::string_view interface;
  IpAddress source;
  IpAddress destination;
  std::uint8_t ttl = 0;
  std::span<const std::uint8_t> message;
};

class Wire {
 public:
  struct Handlers {
    std::function<void(const ReceivedPacket&)> on_packet;
    /// A socket became readable: the owner shall call drain().
    std::function<void()> on_readable;
    std::function<void(const std::string& message)> on_error;
  };

  Wire(boost::asio::io_context& io, Handlers handlers);
  ~Wire();

  /// Opens (or opens anew, when the index differs) the sockets of an interface and joins the group.
  void open(const std::string& interface, int index);
  void close(const std::string& interface);

  /// Reads every socket until it is empty (a bounded number of packets each) and hands the packets
  /// to on_packet. Never blocks.
  void drain();

  /// TTL 255, TOS 0xC0, from `source`. An error is reported once until the next success.
  void send(const std::string& interface, const IpAddress& source, const IpAddress& destination,
            std::span<const std::uint8_t> message);
  /// A complete Ethernet frame.
  void send_frame(const std::string& interface, std::span<const std::uint8_t> frame);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace haguard::vrrp
