#include "vrrp/checksum.h"

namespace haguard::vrrp {

std::uint32_t add_words(std::uint32_t sum, std::span<const std::uint8_t> bytes) {
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    sum += static_cast<std::uint32_t>(bytes[i]) << 8U | bytes[i + 1];
  }
  if (bytes.size() % 2 == 1) {
    sum += static_cast<std::uint32_t>(bytes.back()) << 8U;
  }
  return sum;
}

std::uint32_t pseudo_header(const IpAddress& source, const IpAddress& destination,
                            std::size_t length, std::uint8_t protocol) {
  std::uint32_t sum = add_words(0, source.bytes());
  sum = add_words(sum, destination.bytes());
  return sum + static_cast<std::uint32_t>(length) + protocol;
}

std::uint16_t fold(std::uint32_t sum) {
  while (sum > 0xffff) {
    sum = (sum & 0xffff) + (sum >> 16U);
  }
  return static_cast<std::uint16_t>(sum);
}

}  // namespace haguard::vrrp
