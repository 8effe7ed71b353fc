#include "vrrp/raw_ipv6.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "vrrp/packet.h"

namespace haguard::vrrp {
namespace {

constexpr int kInternetworkControl = 0xc0;  // traffic class: CS6 (RFC 2474), as precedence 6

in6_addr to_in6_addr(const IpAddress& address) {
  in6_addr result{};
  if (address.family() == Family::Ipv6) {
    std::ranges::copy(address.bytes(), reinterpret_cast<std::uint8_t*>(&result));
  }
  return result;
}

IpAddress to_address(const in6_addr& address) {
  return *IpAddress::from_bytes(bytes_of(address));
}

}  // namespace

RawIpv6::RawIpv6(boost::asio::io_context& io, std::string interface, int index,
                 std::function<void()> on_readable)
    : RawSocket(io, std::move(interface), index, AF_INET6, std::move(on_readable)) {
  // Else packets of groups that other programs have joined are delivered as well.
  set_option(IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0, "IPV6_MULTICAST_ALL");
  set_option(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0, "IPV6_MULTICAST_LOOP");
  // RFC 9568 5.1.2.3: 255, to the group and to unicast peers alike.
  set_option(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, int{kTimeToLive}, "IPV6_MULTICAST_HOPS");
  set_option(IPPROTO_IPV6, IPV6_UNICAST_HOPS, int{kTimeToLive}, "IPV6_UNICAST_HOPS");
  set_option(IPPROTO_IPV6, IPV6_TCLASS, kInternetworkControl, "IPV6_TCLASS");
  set_priority();
  set_option(IPPROTO_IPV6, IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO");
  set_option(IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1, "IPV6_RECVHOPLIMIT");
  RawIpv6::join();
}

void RawIpv6::join() {
  ipv6_mreq membership{};
  membership.ipv6mr_multiaddr = to_in6_addr(multicast_group(Family::Ipv6));
  membership.ipv6mr_interface = static_cast<unsigned>(index());
  join_group(IPPROTO_IPV6, IPV6_JOIN_GROUP, bytes_of(membership), "IPV6_JOIN_GROUP");
}

void RawIpv6::enqueue(SendBatch& batch, const IpAddress& source, const IpAddress& destination,
                      SharedBytes message) const {
  sockaddr_in6 to{};
  to.sin6_family = AF_INET6;
  to.sin6_addr = to_in6_addr(destination);
  // For link-local destinations; the kernel ignores it for all others.
  to.sin6_scope_id = static_cast<std::uint32_t>(index());
  in6_pktinfo info{};
  info.ipi6_ifindex = static_cast<unsigned>(index());
  info.ipi6_addr = to_in6_addr(source);
  batch.add(bytes_of(to), {IPPROTO_IPV6, IPV6_PKTINFO, bytes_of(info)}, std::move(message));
}

std::optional<ReceivedPacket> RawIpv6::parse(const PacketBatch& batch, std::size_t position) const {
  const auto info = batch.control<in6_pktinfo>(position, IPPROTO_IPV6, IPV6_PKTINFO);
  const auto hop_limit = batch.control<int>(position, IPPROTO_IPV6, IPV6_HOPLIMIT);
  // Between its creation and its binding the socket hears every interface.
  if (!info || !hop_limit || info->ipi6_ifindex != static_cast<unsigned>(index())) {
    return std::nullopt;
  }
  sockaddr_in6 sender{};
  std::memcpy(&sender, &batch.sender(position), sizeof(sender));
  return ReceivedPacket{interface(), to_address(sender.sin6_addr), to_address(info->ipi6_addr),
                        static_cast<std::uint8_t>(*hop_limit), batch.bytes(position)};
}

}  // namespace haguard::vrrp
