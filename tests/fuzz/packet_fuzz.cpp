// The packet decoder on any bytes. The first byte picks the addresses around the message. What is
// accepted must come out of the encoder as it went in, but for the reserved bits and the two values
// that the checksum has for zero.
#include <algorithm>
#include <cstdlib>

#include "vrrp/ipv4_packet.h"
#include "vrrp/packet.h"

namespace {

using namespace haguard::vrrp;

Envelope envelope(std::uint8_t choice) {
  static const std::array<Envelope, 3> kChoices{
      Envelope{IpAddress::v4(192, 0, 2, 1), IpAddress::v4(224, 0, 0, 18)},
      Envelope{IpAddress::v4(192, 0, 2, 1), IpAddress::v4(192, 0, 2, 2)},
      Envelope{*IpAddress::parse("fe80::1"), *IpAddress::parse("ff02::12")}};
  return kChoices[choice % kChoices.size()];
}

bool same(std::span<const std::uint8_t> in, std::span<const std::uint8_t> out, bool reserved_bits) {
  if (in.size() != out.size()) {
    return false;
  }
  for (std::size_t i = 0; i < in.size(); ++i) {
    const bool checksum = i == 6 || i == 7;
    const unsigned mask = reserved_bits && i == 4 ? 0x0fU : 0xffU;
    if (!checksum && ((in[i] ^ out[i]) & mask) != 0) {
      return false;
    }
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  // As a socket would bring it, with the IP header: what is inside lies inside.
  if (const auto packet = parse_ipv4({data, size})) {
    const auto& inside = packet->payload;
    if (inside.data() < data || inside.data() + inside.size() > data + size) {
      std::abort();
    }
  }
  const Envelope around = envelope(data[0]);
  const std::span message(data + 1, size - 1);
  const auto decoded = decode(message, around);
  const auto* advertisement = std::get_if<Advertisement>(&decoded);
  if (advertisement == nullptr) {
    return to_string(std::get<Reject>(decoded)) == "unknown" ? (std::abort(), 0) : 0;
  }
  const auto again = encode(*advertisement, around);
  if (!same(message, again, advertisement->version == haguard::conf::Version::V3) ||
      decode(again, around) != decoded) {
    std::abort();
  }
  return 0;
}
