#include "vrrp/raw_socket.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "vrrp/packet.h"

namespace haguard::vrrp {
namespace {

constexpr int kReceiveBuffer = 256 * 1024;
constexpr int kInternetworkControl = 0xc0;  // TOS: precedence 6 (RFC 791)
constexpr int kPriorityControl = 6;         // TC_PRIO_CONTROL: first out of the local queue

in_addr to_in_addr(const IpAddress& address) {
  in_addr result{};
  if (address.family() == Family::Ipv4) {
    std::ranges::copy(address.bytes(), reinterpret_cast<std::uint8_t*>(&result));
  }
  return result;
}

}  // namespace

PacketBatch::PacketBatch() : slots_{}, headers_{} {
  for (std::size_t i = 0; i < kPackets; ++i) {
    Slot& slot = slots_[i];
    slot.part = {slot.bytes.data(), slot.bytes.size()};
    headers_[i].msg_hdr.msg_iov = &slot.part;
    headers_[i].msg_hdr.msg_iovlen = 1;
  }
}

std::error_code PacketBatch::read(int descriptor, std::size_t& count) {
  count = 0;
  for (std::size_t i = 0; i < kPackets; ++i) {
    headers_[i].msg_hdr.msg_control = slots_[i].control.data();
    headers_[i].msg_hdr.msg_controllen = slots_[i].control.size();
  }
  int received = 0;
  do {
    received = ::recvmmsg(descriptor, headers_.data(), kPackets, MSG_DONTWAIT, nullptr);
  } while (received < 0 && errno == EINTR);
  if (received < 0) {
    return {errno, std::generic_category()};
  }
  count = static_cast<std::size_t>(received);
  return {};
}

std::span<const std::uint8_t> PacketBatch::packet(std::size_t position, int index) const {
  const mmsghdr& header = headers_[position];
  const cmsghdr* control = CMSG_FIRSTHDR(&header.msg_hdr);
  if ((header.msg_hdr.msg_flags & MSG_TRUNC) != 0 || control == nullptr ||
      control->cmsg_level != IPPROTO_IP || control->cmsg_type != IP_PKTINFO) {
    return {};
  }
  in_pktinfo info{};
  std::memcpy(&info, CMSG_DATA(control), sizeof(info));
  // Between its creation and its binding the socket hears every interface.
  if (info.ipi_ifindex != index) {
    return {};
  }
  return std::span(slots_[position].bytes).first(header.msg_len);
}

RawSocket::RawSocket(boost::asio::io_context& io, std::string interface, int index,
                     std::function<void()> on_readable)
    : interface_(std::move(interface)),
      index_(index),
      socket_(io, AF_INET, SOCK_RAW, kProtocolNumber, std::move(on_readable)) {
  // By index: the name may belong to another interface by now.
  socket_.set_option(SOL_SOCKET, SO_BINDTOIFINDEX, index_, "SO_BINDTOIFINDEX");
  socket_.set_receive_buffer(kReceiveBuffer);
  // Else packets of groups that other programs have joined are delivered as well.
  socket_.set_option(IPPROTO_IP, IP_MULTICAST_ALL, 0, "IP_MULTICAST_ALL");
  socket_.set_option(IPPROTO_IP, IP_MULTICAST_LOOP, 0, "IP_MULTICAST_LOOP");
  // RFC 9568 5.1.1.3: 255, to the group and to unicast peers alike.
  socket_.set_option(IPPROTO_IP, IP_MULTICAST_TTL, int{kTimeToLive}, "IP_MULTICAST_TTL");
  socket_.set_option(IPPROTO_IP, IP_TTL, int{kTimeToLive}, "IP_TTL");
  socket_.set_option(IPPROTO_IP, IP_TOS, kInternetworkControl, "IP_TOS");
  // After IP_TOS, which sets a priority of its own.
  socket_.set_option(SOL_SOCKET, SO_PRIORITY, kPriorityControl, "SO_PRIORITY");
  socket_.set_option(IPPROTO_IP, IP_MTU_DISCOVER, int{IP_PMTUDISC_DONT}, "IP_MTU_DISCOVER");
  socket_.set_option(IPPROTO_IP, IP_PKTINFO, 1, "IP_PKTINFO");
  join();
}

void RawSocket::join() {
  ip_mreqn membership{};
  membership.imr_multiaddr = to_in_addr(multicast_group(Family::Ipv4));
  membership.imr_ifindex = index_;
  if (::setsockopt(descriptor(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &membership, sizeof(membership)) !=
          0 &&
      errno != EADDRINUSE) {
    throw std::system_error(errno, std::generic_category(), "IP_ADD_MEMBERSHIP");
  }
}

std::error_code RawSocket::send(const IpAddress& source, const IpAddress& destination,
                                std::span<const std::uint8_t> message) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr = to_in_addr(destination);
  in_pktinfo info{};
  info.ipi_ifindex = index_;
  info.ipi_spec_dst = to_in_addr(source);
  alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(info))> control{};
  iovec part{const_cast<std::uint8_t*>(message.data()), message.size()};
  msghdr header{};
  header.msg_name = &to;
  header.msg_namelen = sizeof(to);
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  cmsghdr* option = CMSG_FIRSTHDR(&header);
  option->cmsg_level = IPPROTO_IP;
  option->cmsg_type = IP_PKTINFO;
  option->cmsg_len = CMSG_LEN(sizeof(info));
  std::memcpy(CMSG_DATA(option), &info, sizeof(info));
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(socket_.descriptor(), &header, MSG_DONTWAIT);
  } while (sent < 0 && errno == EINTR);
  return sent < 0 ? std::error_code(errno, std::generic_category()) : std::error_code();
}

}  // namespace haguard::vrrp
