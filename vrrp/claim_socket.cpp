#include "vrrp/claim_socket.h"

#include <cerrno>
#include <cstdint>
#include <utility>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

namespace haguard::vrrp {
namespace {

/// Frames beyond it are lost, which does no harm: who claims an address does so again.
constexpr int kReceiveBuffer = 64 * 1024;

constexpr std::uint32_t kNextHeader = 14 + 6;  // of IPv6, behind the Ethernet header
constexpr std::uint32_t kIcmpv6 = 58;
constexpr std::uint32_t kIcmpv6Type = 14 + 40;
constexpr std::uint32_t kNeighborAdvertisement = 136;

// A filter drops the frame when it returns 0 (Documentation/networking/filter.rst).
sock_filter give(std::uint32_t size) {
  return {BPF_RET | BPF_K, 0, 0, size};
}

/// What the kernel knows about a frame lies at offsets below zero.
sock_filter load_note(int note) {
  return {BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<std::uint32_t>(SKF_AD_OFF + note)};
}

sock_filter load_byte(std::uint32_t offset) {
  return {BPF_LD | BPF_B | BPF_ABS, 0, 0, offset};
}

sock_filter skip_next_if(std::uint32_t value) {
  return {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, value};
}

sock_filter skip_next_unless(std::uint32_t value) {
  return {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, value};
}

std::vector<sock_filter> filter(int index, Family family) {
  std::vector<sock_filter> program{
      // Frames of a VLAN device above the interface are shown here as well
      load_note(SKF_AD_IFINDEX), skip_next_if(static_cast<std::uint32_t>(index)), give(0),
      // and, with this mark, those of VLANs that this machine does not know
      load_note(SKF_AD_PKTTYPE), skip_next_unless(PACKET_OTHERHOST), give(0)};
  if (family == Family::Ipv6) {
    program.insert(program.end(),
                   {load_byte(kNextHeader), skip_next_if(kIcmpv6), give(0), load_byte(kIcmpv6Type),
                    skip_next_if(kNeighborAdvertisement), give(0)});
  }
  program.push_back(give(UINT32_MAX));
  return program;
}

}  // namespace

ClaimSocket::ClaimSocket(boost::asio::io_context& io, int index, Family family,
                         std::function<void()> on_readable)
    // Protocol 0: it receives nothing before the filter is in place.
    : index_(index), family_(family), socket_(io, AF_PACKET, SOCK_RAW, 0, std::move(on_readable)) {
  socket_.set_receive_buffer(kReceiveBuffer);
  attend(true);
  bind();
}

void ClaimSocket::attend(bool wanted) {
  attach(wanted ? filter(index_, family_) : std::vector{give(0)});
}

void ClaimSocket::attach(std::vector<sock_filter> program) {
  const sock_fprog reference{static_cast<unsigned short>(program.size()), program.data()};
  socket_.set_option(SOL_SOCKET, SO_ATTACH_FILTER, reference, "SO_ATTACH_FILTER");
}

void ClaimSocket::bind() {
  // Unlike for ETH_P_ALL the kernel shows arriving frames only, and looks at no others.
  sockaddr_ll local{};
  local.sll_family = AF_PACKET;
  local.sll_protocol = htons(family_ == Family::Ipv4 ? ETH_P_ARP : ETH_P_IPV6);
  local.sll_ifindex = index_;
  if (::bind(descriptor(), reinterpret_cast<const sockaddr*>(&local), sizeof(local)) != 0) {
    throw std::system_error(errno, std::generic_category(), "bind");
  }
  // bind() succeeds on an interface that is down and leaves the error for the next call.
  int error = 0;
  socklen_t size = sizeof(error);
  if (::getsockopt(descriptor(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error != 0) {
    throw std::system_error(error, std::generic_category(), "bind");
  }
}

}  // namespace haguard::vrrp
