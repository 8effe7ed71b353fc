#include "vrrp/netlink_socket.h"

#include <utility>

#include <linux/netlink.h>

namespace haguard::vrrp {

NetlinkSocket::NetlinkSocket(boost::asio::io_context& io, std::span<const int> groups,
                             int receive_buffer, std::function<void()> on_readable)
    : socket_(io, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, std::move(on_readable)) {
  socket_.set_receive_buffer(receive_buffer);
  // Answers need not repeat the request.
  socket_.set_option(SOL_NETLINK, NETLINK_CAP_ACK, 1, "NETLINK_CAP_ACK");
  sockaddr_nl local{};
  local.nl_family = AF_NETLINK;
  socklen_t size = sizeof(local);
  auto* address = reinterpret_cast<sockaddr*>(&local);
  if (::bind(socket_.descriptor(), address, size) != 0 ||
      ::getsockname(socket_.descriptor(), address, &size) != 0) {
    throw std::system_error(errno, std::generic_category(), "bind netlink socket");
  }
  port_ = local.nl_pid;
  for (const int group : groups) {
    socket_.set_option(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group, "NETLINK_ADD_MEMBERSHIP");
  }
}

std::error_code NetlinkSocket::send(std::span<const std::uint8_t> messages) {
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  ssize_t sent = 0;
  do {
    sent = ::sendto(socket_.descriptor(), messages.data(), messages.size(), MSG_DONTWAIT,
                    reinterpret_cast<const sockaddr*>(&kernel), sizeof(kernel));
  } while (sent < 0 && errno == EINTR);
  return sent < 0 ? std::error_code(errno, std::generic_category()) : std::error_code();
}

std::error_code NetlinkSocket::send(const NetlinkMessage& message) {
  const nlmsghdr* header = nlmsg_hdr(message.get());
  return send({reinterpret_cast<const std::uint8_t*>(header), header->nlmsg_len});
}

NetlinkSocket::Receive NetlinkSocket::receive(const std::function<void(nlmsghdr&)>& handle) {
  sockaddr_nl sender{};
  iovec part{buffer_.data(), buffer_.size()};
  msghdr datagram{};
  datagram.msg_name = &sender;
  datagram.msg_namelen = sizeof(sender);
  datagram.msg_iov = &part;
  datagram.msg_iovlen = 1;
  ssize_t size = 0;
  do {
    size = ::recvmsg(socket_.descriptor(), &datagram, MSG_DONTWAIT);
  } while (size < 0 && errno == EINTR);
  if (size < 0) {
    return errno == ENOBUFS || errno == ENOMEM ? Receive::Lost : Receive::Empty;
  }
  // Any process with CAP_NET_ADMIN may send to our port; only the kernel has port 0.
  if (datagram.msg_namelen != sizeof(sender) || sender.nl_pid != 0) {
    return Receive::Datagram;
  }
  if ((datagram.msg_flags & MSG_TRUNC) != 0) {
    return Receive::Lost;
  }
  for_each_message(std::span(buffer_).first(static_cast<std::size_t>(size)), handle);
  return Receive::Datagram;
}

}  // namespace haguard::vrrp
