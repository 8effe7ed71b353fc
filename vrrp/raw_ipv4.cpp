#include "vrrp/raw_ipv4.h"

#include <algorithm>
#include <utility>

#include "vrrp/ipv4_packet.h"
#include "vrrp/packet.h"

namespace haguard::vrrp {
namespace {

constexpr int kInternetworkControl = 0xc0;  // TOS: precedence 6 (RFC 791)

in_addr to_in_addr(const IpAddress& address) {
  in_addr result{};
  if (address.family() == Family::Ipv4) {
    std::ranges::copy(address.bytes(), reinterpret_cast<std::uint8_t*>(&result));
  }
  return result;
}

}  // namespace

RawIpv4::RawIpv4(boost::asio::io_context& io, std::string interface, int index,
                 std::function<void()> on_readable)
    : RawSocket(io, std::move(interface), index, AF_INET, std::move(on_readable)) {
  // Else packets of groups that other programs have joined are delivered as well.
  set_option(IPPROTO_IP, IP_MULTICAST_ALL, 0, "IP_MULTICAST_ALL");
  set_option(IPPROTO_IP, IP_MULTICAST_LOOP, 0, "IP_MULTICAST_LOOP");
  // RFC 9568 5.1.1.3: 255, to the group and to unicast peers alike.
  set_option(IPPROTO_IP, IP_MULTICAST_TTL, int{kTimeToLive}, "IP_MULTICAST_TTL");
  set_option(IPPROTO_IP, IP_TTL, int{kTimeToLive}, "IP_TTL");
  set_option(IPPROTO_IP, IP_TOS, kInternetworkControl, "IP_TOS");
  set_priority();
  set_option(IPPROTO_IP, IP_MTU_DISCOVER, int{IP_PMTUDISC_DONT}, "IP_MTU_DISCOVER");
  set_option(IPPROTO_IP, IP_PKTINFO, 1, "IP_PKTINFO");
  RawIpv4::join();
}

void RawIpv4::join() {
  ip_mreqn membership{};
  membership.imr_multiaddr = to_in_addr(multicast_group(Family::Ipv4));
  membership.imr_ifindex = index();
  join_group(IPPROTO_IP, IP_ADD_MEMBERSHIP, bytes_of(membership), "IP_ADD_MEMBERSHIP");
}

void RawIpv4::enqueue(SendBatch& batch, const IpAddress& source, const IpAddress& destination,
                      SharedBytes message) const {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr = to_in_addr(destination);
  in_pktinfo info{};
  info.ipi_ifindex = index();
  info.ipi_spec_dst = to_in_addr(source);
  batch.add(bytes_of(to), {IPPROTO_IP, IP_PKTINFO, bytes_of(info)}, std::move(message));
}

std::optional<ReceivedPacket> RawIpv4::parse(const PacketBatch& batch, std::size_t position) const {
  const auto info = batch.control<in_pktinfo>(position, IPPROTO_IP, IP_PKTINFO);
  // Between its creation and its binding the socket hears every interface.
  if (!info || info->ipi_ifindex != index()) {
    return std::nullopt;
  }
  const auto packet = parse_ipv4(batch.bytes(position));
  if (!packet) {
    return std::nullopt;
  }
  return ReceivedPacket{interface(), packet->source, packet->destination, packet->ttl,
                        packet->payload};
}

}  // namespace haguard::vrrp
