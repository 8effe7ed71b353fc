#include "vrrp/frame.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "vrrp/checksum.h"

namespace haguard::vrrp {
namespace {

constexpr std::uint8_t kInternetworkControl = 0xc0;  // precedence 6 (RFC 791), CS6 (RFC 2474)

std::uint8_t high(std::size_t value) {
  return static_cast<std::uint8_t>(value >> 8U & 0xffU);
}

std::uint8_t low(std::size_t value) {
  return static_cast<std::uint8_t>(value & 0xffU);
}

MacAddress multicast_mac(const IpAddress& group) {
  const auto bytes = group.bytes();
  if (group.family() == Family::Ipv6) {
    return {{0x33, 0x33, bytes[12], bytes[13], bytes[14], bytes[15]}};
  }
  // The lower 23 bits.
  return {{0x01, 0x00, 0x5e, static_cast<std::uint8_t>(bytes[1] & 0x7fU), bytes[2], bytes[3]}};
}

std::array<std::uint8_t, 20> ipv4_header(const Envelope& envelope, std::size_t payload) {
  const std::size_t length = 20 + payload;
  // Identification 0 and no flags: a packet this short is never fragmented (RFC 6864 4.1).
  std::array<std::uint8_t, 20> header{
      0x45, kInternetworkControl, high(length),   low(length), 0, 0, 0,
      0,    kTimeToLive,          kProtocolNumber};
  std::ranges::copy(envelope.source.bytes(), header.begin() + 12);
  std::ranges::copy(envelope.destination.bytes(), header.begin() + 16);
  const unsigned checksum = ~unsigned{fold(add_words(0, header))} & 0xffffU;
  header[10] = high(checksum);
  header[11] = low(checksum);
  return header;
}

std::array<std::uint8_t, 40> ipv6_header(const Envelope& envelope, std::size_t payload) {
  std::array<std::uint8_t, 40> header{0x60 | kInternetworkControl >> 4U,
                                      0,
                                      0,
                                      0,
                                      high(payload),
                                      low(payload),
                                      kProtocolNumber,
                                      kTimeToLive};
  std::ranges::copy(envelope.source.bytes(), header.begin() + 8);
  std::ranges::copy(envelope.destination.bytes(), header.begin() + 24);
  return header;
}

}  // namespace

std::vector<std::uint8_t> multicast_frame(const MacAddress& from, const Envelope& envelope,
                                          std::span<const std::uint8_t> message) {
  std::vector<std::uint8_t> frame;
  const auto put = [&frame](auto&& bytes) { std::ranges::copy(bytes, std::back_inserter(frame)); };
  put(multicast_mac(envelope.destination).bytes);
  put(from.bytes);
  if (envelope.destination.family() == Family::Ipv4) {
    put(std::array<std::uint8_t, 2>{0x08, 0x00});
    put(ipv4_header(envelope, message.size()));
  } else {
    put(std::array<std::uint8_t, 2>{0x86, 0xdd});
    put(ipv6_header(envelope, message.size()));
  }
  put(message);
  return frame;
}

}  // namespace haguard::vrrp
