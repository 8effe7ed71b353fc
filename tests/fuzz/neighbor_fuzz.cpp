// The decoder of neighbor claims on any bytes. What it finds must be in the frame, and must be
// found again in the frames that we would send. The first byte says whether the checksum of an IPv6
// payload is made to fit, as hardly any input would come past it by itself.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "vrrp/checksum.h"
#include "vrrp/neighbor.h"
#include "vrrp/neighbor_claim.h"

namespace {

using namespace haguard::vrrp;
using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kMessage = 14 + 40;  ///< behind the headers of Ethernet and IPv6
constexpr std::size_t kChecksum = kMessage + 2;

void fit_checksum(Bytes& frame) {
  if (frame.size() < kChecksum + 2) {
    return;
  }
  const std::size_t length = frame[18] * std::size_t{256} + frame[19];
  if (length < 4 || length > frame.size() - kMessage) {
    return;
  }
  frame[kChecksum] = 0;
  frame[kChecksum + 1] = 0;
  const std::span all(frame);
  const auto source = *IpAddress::from_bytes(all.subspan(22, 16));
  const auto destination = *IpAddress::from_bytes(all.subspan(38, 16));
  const unsigned sum = fold(
      add_words(pseudo_header(source, destination, length, 58), all.subspan(kMessage, length)));
  frame[kChecksum] = static_cast<std::uint8_t>(~sum >> 8U & 0xffU);
  frame[kChecksum + 1] = static_cast<std::uint8_t>(~sum & 0xffU);
}

bool contains(const Bytes& frame, std::span<const std::uint8_t> part) {
  return std::search(frame.begin(), frame.end(), part.begin(), part.end()) != frame.end();
}

bool is_found_again(const NeighborClaim& claim) {
  if (claim.address.family() == Family::Ipv4) {
    return parse_neighbor_claim(gratuitous_arp(claim.mac, claim.address, ArpOperation::Reply)) ==
           claim;
  }
  return parse_neighbor_claim(unsolicited_advertisement(claim.mac, claim.address)) == claim;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  Bytes frame(data + 1, data + size);
  if (data[0] % 2 == 1) {
    fit_checksum(frame);
  }
  const auto claim = parse_neighbor_claim(frame);
  if (claim && (!contains(frame, claim->address.bytes()) || !contains(frame, claim->mac.bytes) ||
                !is_found_again(*claim))) {
    std::abort();
  }
  return 0;
}
