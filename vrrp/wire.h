#pragma once
// Port: VRRP packets and Ethernet frames on the LAN. Raw sockets, one per interface and family,
// bound to the interface; the multicast group is joined by interface index. Nothing here blocks or
// throws after construction: what fails is reported through `on_error` and tried again at the next
// open().

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "vrrp/address.h"
#include "vrrp/received_packet.h"
#include "vrrp/shared_bytes.h"

namespace haguard::vrrp {

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

  /// Opens (or opens anew, when the index differs) the socket of an interface for a family and
  /// joins its group.
  void open(const std::string& interface, int index, Family family);
  void close(const std::string& interface, Family family);

  /// Reads every socket until it is empty (a bounded number of packets each) and hands the packets
  /// to on_packet. Never blocks.
  void drain();

  /// TTL or hop limit 255, TOS or traffic class 0xC0. The source is an address of this machine, of
  /// the interface if it is link-local; the family is that of the destination. An error is reported
  /// once until the next success. Leaves with the next flush(), unless there is too much of it.
  void send(const std::string& interface, const IpAddress& source, const IpAddress& destination,
            SharedBytes message);
  /// A complete Ethernet frame, likewise.
  void send_frame(const std::string& interface, SharedBytes frame);
  /// In the order in which they were given, with one system call for many. Never blocks.
  void flush();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace haguard::vrrp
