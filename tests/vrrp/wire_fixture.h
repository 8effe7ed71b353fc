#pragma once
// A Wire in each of two namespaces, with a memory.

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/vrrp/frame_tap.h"
#include "tests/vrrp/network.h"
#include "vrrp/wire.h"

namespace haguard::vrrp {

/// A Wire with a memory.
struct Listener {
  struct Packet {
    std::string interface;
    IpAddress source;
    IpAddress destination;
    std::uint8_t ttl;
    Bytes message;
  };

  explicit Listener(boost::asio::io_context& io)
      : wire(io, {[this](const ReceivedPacket& packet) {
                    packets.push_back({std::string(packet.interface), packet.source,
                                       packet.destination, packet.ttl,
                                       Bytes(packet.message.begin(), packet.message.end())});
                  },
                  [this] {
                    ++readable;
                    wire.drain();
                  },
                  [this](const std::string& message) { errors.push_back(message); }}) {}

  void send(const std::string& interface, const IpAddress& source, const IpAddress& destination,
            const Bytes& message) {
    wire.send(interface, source, destination, message);
    wire.flush();
  }

  std::vector<Packet> packets;
  std::vector<std::string> errors;
  int readable = 0;
  Wire wire;
};

class WireTest : public NetworkTest {
 protected:
  void SetUp() override {
    NetworkTest::SetUp();
    if (HasFatalFailure()) {
      return;
    }
    here_wire_.emplace(io_);
    at_peer([this] { peer_wire_.emplace(io_); });
  }

  void open_both(Family family = Family::Ipv4) {
    here().wire.open("v0", interface_index("v0"), family);
    at_peer([this, family] { peer().wire.open("v1", interface_index("v1"), family); });
    ASSERT_TRUE(here().errors.empty()) << here().errors[0];
    ASSERT_TRUE(peer().errors.empty()) << peer().errors[0];
  }

  Listener& here() { return *here_wire_; }
  Listener& peer() { return *peer_wire_; }

  /// The next packet a listener hears.
  std::optional<Listener::Packet> heard(Listener& listener) {
    if (!run_until([&listener] { return !listener.packets.empty(); })) {
      return std::nullopt;
    }
    auto packet = listener.packets.front();
    listener.packets.erase(listener.packets.begin());
    return packet;
  }

  std::optional<Listener> here_wire_;
  std::optional<Listener> peer_wire_;
};

}  // namespace haguard::vrrp
