#include "vrrp/ipv4_packet.h"

#include "vrrp/packet.h"

namespace haguard::vrrp {
namespace {

constexpr std::size_t kFixedHeader = 20;  // RFC 791 3.1
constexpr unsigned kMoreFragments = 0x2000;
constexpr unsigned kFragmentOffset = 0x1fff;

unsigned read16(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<unsigned>(bytes[at]) << 8U | bytes[at + 1];
}

}  // namespace

std::optional<Ipv4Packet> parse_ipv4(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < kFixedHeader || bytes[0] >> 4U != 4) {
    return std::nullopt;
  }
  const std::size_t header_length = (bytes[0] & 0x0fU) * std::size_t{4};
  const std::size_t total_length = read16(bytes, 2);
  if (header_length < kFixedHeader || total_length < header_length || total_length > bytes.size()) {
    return std::nullopt;
  }
  const bool is_fragment = (read16(bytes, 6) & (kMoreFragments | kFragmentOffset)) != 0;
  if (is_fragment || bytes[9] != kProtocolNumber) {
    return std::nullopt;
  }
  Ipv4Packet packet;
  packet.source = *IpAddress::from_bytes(bytes.subspan(12, 4));
  packet.destination = *IpAddress::from_bytes(bytes.subspan(16, 4));
  packet.ttl = bytes[8];
  packet.payload = bytes.subspan(header_length, total_length - header_length);
  return packet;
}

}  // namespace haguard::vrrp
