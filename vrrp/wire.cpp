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
#include "vrrp/send_batch.h"

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
            SharedBytes message);
  void send_frame(const std::string& interface, SharedBytes frame);
  void flush();

 private:
  enum Task : std::uint8_t { Open, Receive, Send, Frame };
  using Channel = std::pair<std::string, Family>;  ///< interface and family
  /// What is to be said about a packet that could not be sent.
  struct Label {
    Channel channel;
    Task task = Send;
    IpAddress source;
    IpAddress destination;
  };
  void drain(const Channel& channel, const std::shared_ptr<RawSocket>& socket);
  void hand_over(const RawSocket& socket, std::size_t count);
  void forget(const Channel& channel, const std::shared_ptr<RawSocket>& socket);
  void make_room(int descriptor);
  void sent(const Label& label, const std::error_code& error);
  [[nodiscard]] int index_of(const std::string& interface);
  void succeeded(const Channel& channel, Task task);
  void failed(const Channel& channel, Task task, std::string_view what);

  boost::asio::io_context& io_;
  Handlers handlers_;
  AsyncSocket frames_;
  /// None: to be opened again.
  std::map<Channel, std::shared_ptr<RawSocket>> sockets_;
  std::set<std::pair<Channel, Task>> failing_;  ///< reported
  PacketBatch batch_;
  SendBatch outgoing_;
  int outlet_ = -1;                    ///< descriptor of the socket for all of them
  std::shared_ptr<RawSocket> lender_;  ///< of that descriptor; null: the one for frames
  std::vector<Label> labels_;          ///< one for each of them
  std::pair<std::string, int> last_index_;
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
                      const IpAddress& destination, SharedBytes message) {
  const Channel channel{interface, destination.family()};
  const auto socket = sockets_.find(channel);
  // Why there is none has been reported.
  if (socket == sockets_.end() || !socket->second) {
    return;
  }
  make_room(socket->second->descriptor());
  lender_ = socket->second;
  socket->second->enqueue(outgoing_, source, destination, std::move(message));
  labels_.push_back({channel, Send, source, destination});
}

void Wire::Impl::send_frame(const std::string& interface, SharedBytes frame) {
  make_room(frames_.descriptor());
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = index_of(interface);
  outgoing_.add(bytes_of(to), {}, std::move(frame));
  labels_.push_back(
      {{interface, Family::Ipv4}, Frame, {}, {}});  // of either family, they fail alike
}

void Wire::Impl::make_room(int descriptor) {
  if (descriptor != outlet_ || outgoing_.full()) {
    flush();
  }
  outlet_ = descriptor;
}

void Wire::Impl::flush() {
  outgoing_.send(outlet_, [this](std::size_t position, const std::error_code& error) {
    sent(labels_[position], error);
  });
  labels_.clear();
  lender_.reset();
  last_index_ = {};
}

void Wire::Impl::sent(const Label& label, const std::error_code& error) {
  if (!error) {
    succeeded(label.channel, label.task);
  } else if (label.task == Frame) {
    failed(label.channel, Frame, fmt::format("cannot send a frame: {}", error.message()));
  } else {
    failed(label.channel, Send,
           fmt::format("cannot send from {} to {}: {}", label.source.to_string(),
                       label.destination.to_string(), error.message()));
  }
}

int Wire::Impl::index_of(const std::string& interface) {
  for (const Family family : {Family::Ipv4, Family::Ipv6}) {
    const auto socket = sockets_.find({interface, family});
    if (socket != sockets_.end() && socket->second) {
      return socket->second->index();
    }
  }
  // Virtual addresses may live on an interface on which no advertisements are exchanged. The kernel
  // is asked once for all of them.
  if (last_index_.first != interface) {
    last_index_ = {interface, static_cast<int>(::if_nametoindex(interface.c_str()))};
  }
  return last_index_.second;
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
                SharedBytes message) {
  impl_->send(interface, source, destination, std::move(message));
}

void Wire::send_frame(const std::string& interface, SharedBytes frame) {
  impl_->send_frame(interface, std::move(frame));
}

void Wire::flush() {
  impl_->flush();
}

}  // namespace haguard::vrrp
