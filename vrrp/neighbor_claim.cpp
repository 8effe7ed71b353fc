#include "vrrp/neighbor_claim.h"

#include <algorithm>
#include <array>

#include "vrrp/checksum.h"

namespace haguard::vrrp {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kEthernetHeader = 14;
constexpr unsigned kEtherTypeArp = 0x0806;
constexpr unsigned kEtherTypeIpv6 = 0x86dd;

constexpr std::size_t kArpSize = 28;

constexpr std::size_t kIpv6Header = 40;
constexpr std::uint8_t kIcmpv6 = 58;
constexpr std::uint8_t kHopLimit = 255;

constexpr std::size_t kAdvertisementFixedPart = 24;
constexpr std::uint8_t kNeighborAdvertisement = 136;
constexpr unsigned kSolicited = 0x40;
constexpr std::uint8_t kTargetLinkLayerAddress = 2;
constexpr std::size_t kOptionUnit = 8;

unsigned read16(Bytes bytes, std::size_t at) {
  return static_cast<unsigned>(bytes[at]) << 8U | bytes[at + 1];
}

MacAddress read_mac(Bytes bytes, std::size_t at) {
  MacAddress mac;
  std::ranges::copy(bytes.subspan(at, mac.bytes.size()), mac.bytes.begin());
  return mac;
}

std::optional<NeighborClaim> parse_arp(Bytes packet) {
  // Ethernet, IPv4, and the lengths of their addresses (RFC 826)
  constexpr std::array<std::uint8_t, 6> kKinds{0, 1, 0x08, 0x00, 6, 4};
  if (packet.size() < kArpSize || !std::ranges::equal(packet.first(kKinds.size()), kKinds)) {
    return std::nullopt;
  }
  const unsigned operation = read16(packet, 6);
  const auto sender = IpAddress::from_bytes(packet.subspan(14, 4));
  if ((operation != 1 && operation != 2) || sender->is_unspecified()) {
    return std::nullopt;
  }
  return NeighborClaim{*sender, read_mac(packet, 8)};
}

/// Where the options say that the target is. The rest of the conditions of RFC 4861 7.1.2: nothing
/// when an option has no length or does not fit.
std::optional<MacAddress> read_options(Bytes options, const MacAddress& otherwise) {
  std::optional<MacAddress> found;
  while (!options.empty()) {
    const std::size_t size = options.size() < 2 ? 0 : options[1] * kOptionUnit;
    if (size == 0 || size > options.size()) {
      return std::nullopt;
    }
    if (options[0] == kTargetLinkLayerAddress && !found) {
      if (size != kOptionUnit) {
        return std::nullopt;  // not a MAC address (RFC 2464 6)
      }
      found = read_mac(options, 2);
    }
    options = options.subspan(size);
  }
  return found.value_or(otherwise);
}

/// `message` is the payload of an ICMPv6 packet.
std::optional<NeighborClaim> parse_advertisement(Bytes message, const MacAddress& sender,
                                                 bool to_a_group) {
  if (message.size() < kAdvertisementFixedPart || message[0] != kNeighborAdvertisement ||
      message[1] != 0) {
    return std::nullopt;
  }
  const auto target = IpAddress::from_bytes(message.subspan(8, 16));
  // Nobody asks a group and is answered
  const bool is_solicited = (message[4] & kSolicited) != 0;
  if (target->is_multicast() || (to_a_group && is_solicited)) {
    return std::nullopt;
  }
  const auto mac = read_options(message.subspan(kAdvertisementFixedPart), sender);
  return mac ? std::optional(NeighborClaim{*target, *mac}) : std::nullopt;
}

std::optional<NeighborClaim> parse_ipv6(Bytes packet, const MacAddress& sender) {
  if (packet.size() < kIpv6Header || packet[0] >> 4U != 6 || packet[6] != kIcmpv6 ||
      packet[7] != kHopLimit) {
    return std::nullopt;
  }
  const std::size_t length = read16(packet, 4);
  if (length > packet.size() - kIpv6Header) {
    return std::nullopt;
  }
  const auto message = packet.subspan(kIpv6Header, length);  // without padding
  const auto source = IpAddress::from_bytes(packet.subspan(8, 16));
  const auto destination = IpAddress::from_bytes(packet.subspan(24, 16));
  if (fold(add_words(pseudo_header(*source, *destination, length, kIcmpv6), message)) != 0xffff) {
    return std::nullopt;
  }
  return parse_advertisement(message, sender, destination->is_multicast());
}

}  // namespace

std::optional<NeighborClaim> parse_neighbor_claim(std::span<const std::uint8_t> frame) {
  if (frame.size() < kEthernetHeader) {
    return std::nullopt;
  }
  const auto packet = frame.subspan(kEthernetHeader);
  switch (read16(frame, 12)) {
    case kEtherTypeArp:
      return parse_arp(packet);
    case kEtherTypeIpv6:
      return parse_ipv6(packet, read_mac(frame, 6));
    default:
      return std::nullopt;
  }
}

}  // namespace haguard::vrrp
