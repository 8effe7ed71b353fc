#include "vrrp/raw_socket.h"

#include <cerrno>
#include <utility>

#include "vrrp/packet.h"
#include "vrrp/raw_ipv4.h"
#include "vrrp/raw_ipv6.h"

namespace haguard::vrrp {
namespace {

constexpr int kReceiveBuffer = 256 * 1024;

}  // namespace

RawSocket::RawSocket(boost::asio::io_context& io, std::string interface, int index, int domain,
                     std::function<void()> on_readable)
    : interface_(std::move(interface)),
      index_(index),
      socket_(io, domain, SOCK_RAW, kProtocolNumber, std::move(on_readable)) {
  // By index: the name may belong to another interface by now.
  socket_.set_option(SOL_SOCKET, SO_BINDTOIFINDEX, index_, "SO_BINDTOIFINDEX");
  socket_.set_receive_buffer(kReceiveBuffer);
}

void RawSocket::set_priority() {
  socket_.set_option(SOL_SOCKET, SO_PRIORITY, kPriorityControl, "SO_PRIORITY");
}

void RawSocket::join_group(int level, int option, std::span<const std::uint8_t> membership,
                           const char* what) {
  const auto size = static_cast<socklen_t>(membership.size());
  if (::setsockopt(descriptor(), level, option, membership.data(), size) != 0 &&
      errno != EADDRINUSE) {
    throw std::system_error(errno, std::generic_category(), what);
  }
}

std::shared_ptr<RawSocket> open_raw_socket(boost::asio::io_context& io,
                                           const std::string& interface, int index, Family family,
                                           const std::function<void()>& on_readable) {
  if (family == Family::Ipv4) {
    return std::make_shared<RawIpv4>(io, interface, index, on_readable);
  }
  return std::make_shared<RawIpv6>(io, interface, index, on_readable);
}

}  // namespace haguard::vrrp
