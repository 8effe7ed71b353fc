#include "vrrp/neighbor_watch.h"

#include <cstdint>
#include <map>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "vrrp/claim_socket.h"
#include "vrrp/neighbor_claim.h"
#include "vrrp/packet_batch.h"

namespace haguard::vrrp {
namespace {

/// Of up to PacketBatch::kPackets each, so 256 frames: a flood must not hold the loop.
constexpr int kReadsPerTake = 8;

}  // namespace

class NeighborWatch::Impl {
 public:
  Impl(boost::asio::io_context& io, std::set<IpAddress> addresses, Handlers handlers)
      : io_(io), handlers_(std::move(handlers)) {
    watch(std::move(addresses));
  }

  void watch(std::set<IpAddress> addresses) {
    addresses_ = std::move(addresses);
    for (const IpAddress& address : addresses_) {
      families_.insert(address.family());
    }
  }

  void attend(bool wanted);
  void open(const std::string& interface, int index);
  void close(const std::string& interface);
  std::vector<Claim> take();

 private:
  enum Task : std::uint8_t { Open, Receive };
  using Channel = std::pair<std::string, Family>;  ///< interface and family
  using Socket = std::unique_ptr<ClaimSocket>;
  void attend(const Channel& channel, Socket& socket);
  void open(const Channel& channel, int index);
  bool read(const Channel& channel, ClaimSocket& socket, std::vector<Claim>& claims);
  void keep(const std::string& interface, std::size_t count, std::vector<Claim>& claims) const;
  void failed(const Channel& channel, Task task, const std::error_code& error);

  boost::asio::io_context& io_;
  std::set<IpAddress> addresses_;
  Handlers handlers_;
  bool attends_ = false;
  std::set<Family> families_;  ///< of the addresses that are or were watched
  std::map<Channel, Socket> sockets_;
  std::set<std::pair<Channel, Task>> failing_;  ///< reported
  PacketBatch batch_;
};

void NeighborWatch::Impl::attend(bool wanted) {
  if (std::exchange(attends_, wanted) == wanted) {
    return;
  }
  for (auto& [channel, socket] : sockets_) {
    if (socket) {
      attend(channel, socket);
    }
  }
}

/// What was refused is opened once more later.
void NeighborWatch::Impl::attend(const Channel& channel, Socket& socket) {
  try {
    socket->attend(attends_);
  } catch (const std::system_error& error) {
    socket.reset();
    failed(channel, Open, error.code());
  }
}

void NeighborWatch::Impl::open(const std::string& interface, int index) {
  for (const Family family : families_) {
    open(Channel{interface, family}, index);
  }
}

void NeighborWatch::Impl::open(const Channel& channel, int index) {
  auto& socket = sockets_[channel];
  if (socket && socket->index() == index) {
    return;
  }
  socket.reset();
  try {
    socket = std::make_unique<ClaimSocket>(io_, index, channel.second, handlers_.on_readable);
    socket->attend(attends_);
    socket->arm();
    failing_.erase({channel, Open});
  } catch (const std::system_error& error) {
    failed(channel, Open, error.code());
  }
}

void NeighborWatch::Impl::close(const std::string& interface) {
  for (const Family family : families_) {
    sockets_.erase({interface, family});
  }
}

std::vector<NeighborWatch::Claim> NeighborWatch::Impl::take() {
  std::vector<Claim> claims;
  for (auto& [channel, socket] : sockets_) {
    if (socket && !read(channel, *socket, claims)) {
      socket.reset();
    }
  }
  return claims;
}

/// False when nothing more will come by this socket.
bool NeighborWatch::Impl::read(const Channel& channel, ClaimSocket& socket,
                               std::vector<Claim>& claims) {
  for (int i = 0; i < kReadsPerTake; ++i) {
    std::size_t count = 0;
    if (const auto error = batch_.read(socket.descriptor(), count)) {
      if (error != std::errc::operation_would_block) {
        failed(channel, Receive, error);
        return false;
      }
      break;
    }
    failing_.erase({channel, Receive});
    keep(channel.first, count, claims);
    if (count < PacketBatch::kPackets) {
      break;
    }
  }
  socket.arm();
  return true;
}

void NeighborWatch::Impl::keep(const std::string& interface, std::size_t count,
                               std::vector<Claim>& claims) const {
  for (std::size_t i = 0; i < count; ++i) {
    const auto claim = parse_neighbor_claim(batch_.bytes(i));
    if (claim && addresses_.contains(claim->address)) {
      claims.push_back({interface, claim->address, claim->mac});
    }
  }
}

void NeighborWatch::Impl::failed(const Channel& channel, Task task, const std::error_code& error) {
  // That the link is down is told by the kernel port.
  if (error == std::errc::network_down || !failing_.emplace(channel, task).second) {
    return;
  }
  handlers_.on_error(fmt::format("{}: cannot watch for conflicts of {} addresses: {}",
                                 channel.first, channel.second == Family::Ipv4 ? "IPv4" : "IPv6",
                                 error.message()));
}

NeighborWatch::NeighborWatch(boost::asio::io_context& io, std::set<IpAddress> addresses,
                             Handlers handlers)
    : impl_(std::make_unique<Impl>(io, std::move(addresses), std::move(handlers))) {}

void NeighborWatch::watch(std::set<IpAddress> addresses) {
  impl_->watch(std::move(addresses));
}

NeighborWatch::~NeighborWatch() = default;

void NeighborWatch::attend(bool wanted) {
  impl_->attend(wanted);
}

void NeighborWatch::open(const std::string& interface, int index) {
  impl_->open(interface, index);
}

void NeighborWatch::close(const std::string& interface) {
  impl_->close(interface);
}

std::vector<NeighborWatch::Claim> NeighborWatch::take() {
  return impl_->take();
}

}  // namespace haguard::vrrp
