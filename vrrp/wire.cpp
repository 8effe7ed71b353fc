#include "vrrp/wire.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <linux/if_packet.h>
#include <net/if.h>

#include "vrrp/ipv4_packet.h"
#include "vrrp/raw_socket.h"

namespace haguard::vrrp {
namespace {

/// Reads of up to PacketBatch::kPackets each, so 512 packets: a flood must not hold the loop.
constexpr int kReadsPerDrain = 16;

/// The interface is gone or down: nothing more will come by this socket.
bool is_lost(const std::error_code& error) {
  const std::array gone{ENODEV, ENXIO, ENETDOWN};
  return std::ranges::find(gone, error.value()) != gone.end();
}

}  // namespace

class Wire::Impl {
 public:
  Impl(boost::asio::io_context& io, Handlers handlers)
      : io_(io),
        handlers_(std::move(handlers)),
        // Protocol 0: this socket never receives.
        frames_(io, AF_PACKET, SOCK_RAW, 0, [] {}) {}

  void open(const std::string& interface, int index);
  void close(const std::string& interface) { sockets_.erase(interface); }
  void drain();
  void send(const std::string& interface, const IpAddress& source, const IpAddress& destination,
            std::span<const std::uint8_t> message);
  void send_frame(const std::string& interface, std::span<const std::uint8_t> frame);

 private:
  enum Task : std::uint8_t { Open, Receive, Send, Frame };
  void drain(const std::shared_ptr<RawSocket>& socket);
  void hand_over(const RawSocket& socket, std::size_t count);
  void forget(const std::shared_ptr<RawSocket>& socket);
  void succeeded(const std::string& interface, Task task);
  void failed(const std::string& interface, Task task, std::string_view what);

  boost::asio::io_context& io_;
  Handlers handlers_;
  AsyncSocket frames_;
  /// None: to be opened again.
  std::map<std::string, std::shared_ptr<RawSocket>> sockets_;
  std::set<std::pair<std::string, Task>> failing_;  ///< reported
  PacketBatch batch_;
};

void Wire::Impl::open(const std::string& interface, int index) {
  auto& socket = sockets_[interface];
  try {
    if (socket && socket->index() == index) {
      socket->join();
    } else {
      socket.reset();
      socket = std::make_shared<RawSocket>(io_, interface, index, handlers_.on_readable);
      socket->arm();
    }
    succeeded(interface, Open);
  } catch (const std::system_error& error) {
    socket.reset();
    failed(interface, Open, fmt::format("cannot listen: {}", error.what()));
  }
}

void Wire::Impl::drain() {
  // A copy: a handler may open and close interfaces.
  std::vector<std::shared_ptr<RawSocket>> sockets;
  for (const auto& [interface, socket] : sockets_) {
    if (socket) {
      sockets.push_back(socket);
    }
  }
  std::ranges::for_each(sockets, [this](const auto& socket) { drain(socket); });
}

void Wire::Impl::drain(const std::shared_ptr<RawSocket>& socket) {
  const std::string& interface = socket->interface();
  for (int i = 0; i < kReadsPerDrain; ++i) {
    std::size_t count = 0;
    if (const auto error = batch_.read(socket->descriptor(), count)) {
      if (error != std::errc::operation_would_block) {
        failed(interface, Receive, fmt::format("cannot receive: {}", error.message()));
      }
      if (is_lost(error)) {
        forget(socket);
        return;  // not armed: it would be readable for ever
      }
      break;
    }
    succeeded(interface, Receive);
    hand_over(*socket, count);
    if (count < PacketBatch::kPackets) {
      break;
    }
  }
  socket->arm();
}

void Wire::Impl::hand_over(const RawSocket& socket, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (const auto packet = parse_ipv4(batch_.packet(i, socket.index()))) {
      handlers_.on_packet(
          {socket.interface(), packet->source, packet->destination, packet->ttl, packet->payload});
    }
  }
}

void Wire::Impl::forget(const std::shared_ptr<RawSocket>& socket) {
  const auto known = sockets_.find(socket->interface());
  if (known != sockets_.end() && known->second == socket) {
    known->second.reset();
  }
}

void Wire::Impl::send(const std::string& interface, const IpAddress& source,
                      const IpAddress& destination, std::span<const std::uint8_t> message) {
  const auto socket = sockets_.find(interface);
  // Why there is none has been reported.
  if (socket == sockets_.end() || !socket->second) {
    return;
  }
  if (const auto error = socket->second->send(source, destination, message)) {
    failed(interface, Send,
           fmt::format("cannot send from {} to {}: {}", source.to_string(), destination.to_string(),
                       error.message()));
  } else {
    succeeded(interface, Send);
  }
}

void Wire::Impl::send_frame(const std::string& interface, std::span<const std::uint8_t> frame) {
  const auto socket = sockets_.find(interface);
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  // Virtual addresses may live on an interface on which no advertisements are exchanged.
  to.sll_ifindex = socket != sockets_.end() && socket->second
                       ? socket->second->index()
                       : static_cast<int>(::if_nametoindex(interface.c_str()));
  ssize_t sent = 0;
  do {
    sent = ::sendto(frames_.descriptor(), frame.data(), frame.size(), MSG_DONTWAIT,
                    reinterpret_cast<const sockaddr*>(&to), sizeof(to));
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) {
    const std::error_code error(errno, std::generic_category());
    failed(interface, Frame, fmt::format("cannot send a frame: {}", error.message()));
  } else {
    succeeded(interface, Frame);
  }
}

void Wire::Impl::succeeded(const std::string& interface, Task task) {
  if (!failing_.empty()) {
    failing_.erase({interface, task});
  }
}

void Wire::Impl::failed(const std::string& interface, Task task, std::string_view what) {
  if (failing_.emplace(interface, task).second) {
    handlers_.on_error(fmt::format("{}: {}", interface, what));
  }
}

Wire::Wire(boost::asio::io_context& io, Handlers handlers)
    : impl_(std::make_unique<Impl>(io, std::move(handlers))) {}

Wire::~Wire() = default;

void Wire::open(const std::string& interface, int index) {
  impl_->open(interface, index);
}

void Wire::close(const std::string& interface) {
  impl_->close(interface);
}

void Wire::drain() {
  impl_->drain();
}

void Wire::send(const std::string& interface, const IpAddress& source, const IpAddress& destination,
                std::span<const std::uint8_t> message) {
  impl_->send(interface, source, destination, message);
}

void Wire::send_frame(const std::string& interface, std::span<const std::uint8_t> frame) {
  impl_->send_frame(interface, frame);
}

}  // namespace haguard::vrrp
