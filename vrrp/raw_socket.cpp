#include "vrrp/raw_socket.h"

#include <array>
#include <cerrno>
#include <cstring>
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

std::error_code RawSocket::transmit(std::span<const std::uint8_t> to, int level, int type,
                                    std::span<const std::uint8_t> info,
                                    std::span<const std::uint8_t> message) {
  alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(in6_pktinfo))> control{};
  iovec part{const_cast<std::uint8_t*>(message.data()), message.size()};
  msghdr header{};
  header.msg_name = const_cast<std::uint8_t*>(to.data());
  header.msg_namelen = static_cast<socklen_t>(to.size());
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = CMSG_SPACE(info.size());
  cmsghdr* option = CMSG_FIRSTHDR(&header);
  option->cmsg_level = level;
  option->cmsg_type = type;
  option->cmsg_len = CMSG_LEN(info.size());
  std::memcpy(CMSG_DATA(option), info.data(), info.size());
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(descriptor(), &header, MSG_DONTWAIT);
  } while (sent < 0 && errno == EINTR);
  return sent < 0 ? std::error_code(errno, std::generic_category()) : std::error_code();
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
