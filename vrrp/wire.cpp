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

#include "vrrp/packet_batch.h"
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

/// As it stands in messages.
std::string_view name(Family family) {
  return family == Family::Ipv4 ? "IPv4" : "IPv6";
}

}  // namespace

class Wire::Impl {
 public:
  Impl(boost::asio::io_context& io, Handlers handlers)
      : io_(io),
        handlers_(std::move(handlers)),
        // Protocol 0: this socket never receives.
        frames_(io, AF_PACKET, SOCK_RAW, 0, [] {}) {
    frames_.set_option(SOL_SOCKET, SO_PRIORITY, kPriorityControl, "SO_PRIORITY");
  }

  void open(const std::string& interface, int index, Family family);
  void close(const std::string& interface, Family family) { sockets_.erase({interface, family}); }
  void drain();
  void send(const std::string& interface, const IpAddress& source, const IpAddress& destination,
            std::span<const std::uint8_t> message);
  void send_frame(const std::string& interface, std::span<const std::uint8_t> frame);

 private:
  enum Task : std::uint8_t { Open, Receive, Send, Frame };
  using Channel = std::pair<std::string, Family>;  ///< interface and family
  void drain(const Channel& channel, const std::shared_ptr<RawSocket>& socket);
  void hand_over(const RawSocket& socket, std::size_t count);
  void forget(const Channel& channel, const std::shared_ptr<RawSocket>& socket);
  [[nodiscard]] int index_of(const std::string& interface) const;
  void succeeded(const Channel& channel, Task task);
  void failed(const Channel& channel, Task task, std::string_view what);

  boost::asio::io_context& io_;
  Handlers handlers_;
  AsyncSocket frames_;
  /// None: to be opened again.
  std::map<Channel, std::shared_ptr<RawSocket>> sockets_;
  std::set<std::pair<Channel, Task>> failing_;  ///< reported
  PacketBatch batch_;
};

void Wire::Impl::open(const std::string& interface, int index, Family family) {
  const Channel channel{interface, family};
  auto& socket = sockets_[channel];
  try {
    if (socket && socket->index() == index) {
      socket->join();
    } else {
      socket.reset();
      socket = open_raw_socket(io_, interface, index, family, handlers_.on_readable);
      socket->arm();
    }
    succeeded(channel, Open);
  } catch (const std::system_error& error) {
    socket.reset();
    failed(channel, Open,
           fmt::format("cannot listen for {} advertisements: {}", name(family), error.what()));
  }
}

void Wire::Impl::drain() {
  // A copy: a handler may open and close interfaces.
  const auto sockets = sockets_;
  for (const auto& [channel, socket] : sockets) {
    if (socket) {
      drain(channel, socket);
    }
  }
}

void Wire::Impl::drain(const Channel& channel, const std::shared_ptr<RawSocket>& socket) {
  for (int i = 0; i < kReadsPerDrain; ++i) {
    std::size_t count = 0;
    if (const auto error = batch_.read(socket->descriptor(), count)) {
      if (error != std::errc::operation_would_block) {
        failed(channel, Receive,
               fmt::format("cannot receive {} advertisements: {}", name(channel.second),
                           error.message()));
      }
      if (is_lost(error)) {
        forget(channel, socket);
        return;  // not armed: it would be readable for ever
      }
      break;
    }
    succeeded(channel, Receive);
    hand_over(*socket, count);
    if (count < PacketBatch::kPackets) {
      break;
    }
  }
  socket->arm();
}

void Wire::Impl::hand_over(const RawSocket& socket, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (const auto packet = socket.parse(batch_, i)) {
      handlers_.on_packet(*packet);
    }
  }
}

void Wire::Impl::forget(const Channel& channel, const std::shared_ptr<RawSocket>& socket) {
  const auto known = sockets_.find(channel);
  if (known != sockets_.end() && known->second == socket) {
    known->second.reset();
  }
}

void Wire::Impl::send(const std::string& interface, const IpAddress& source,
                      const IpAddress& destination, std::span<const std::uint8_t> message) {
  const Channel channel{interface, destination.family()};
  const auto socket = sockets_.find(channel);
  // Why there is none has been reported.
  if (socket == sockets_.end() || !socket->second) {
    return;
  }
  if (const auto error = socket->second->send(source, destination, message)) {
    failed(channel, Send,
           fmt::format("cannot send from {} to {}: {}", source.to_string(), destination.to_string(),
                       error.message()));
  } else {
    succeeded(channel, Send);
  }
}

void Wire::Impl::send_frame(const std::string& interface, std::span<const std::uint8_t> frame) {
  const Channel channel{interface, Family::Ipv4};  // frames of either family fail alike
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = index_of(interface);
  ssize_t sent = 0;
  do {
    sent = ::sendto(frames_.descriptor(), frame.data(), frame.size(), MSG_DONTWAIT,
                    reinterpret_cast<const sockaddr*>(&to), sizeof(to));
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) {
    const std::error_code error(errno, std::generic_category());
    failed(channel, Frame, fmt::format("cannot send a frame: {}", error.message()));
  } else {
    succeeded(channel, Frame);
  }
}

int Wire::Impl::index_of(const std::string& interface) const {
  for (const Family family : {Family::Ipv4, Family::Ipv6}) {
    const auto socket = sockets_.find({interface, family});
    if (socket != sockets_.end() && socket->second) {
      return socket->second->index();
    }
  }
  // Virtual addresses may live on an interface on which no advertisements are exchanged.
  return static_cast<int>(::if_nametoindex(interface.c_str()));
}

void Wire::Impl::succeeded(const Channel& channel, Task task) {
  if (!failing_.empty()) {
    failing_.erase({channel, task});
  }
}

void Wire::Impl::failed(const Channel& channel, Task task, std::string_view what) {
  if (failing_.emplace(channel, task).second) {
    handlers_.on_error(fmt::format("{}: {}", channel.first, what));
  }
}

Wire::Wire(boost::asio::io_context& io, Handlers handlers)
    : impl_(std::make_unique<Impl>(io, std::move(handlers))) {}

Wire::~Wire() = default;

void Wire::open(const std::string& interface, int index, Family family) {
  impl_->open(interface, index, family);
}

void Wire::close(const std::string& interface, Family family) {
  impl_->close(interface, family);
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
