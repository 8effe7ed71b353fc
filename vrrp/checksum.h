#pragma once
// The Internet checksum (RFC 1071) in its parts, for what adds a pseudo-header and what does not.

#include <cstddef>
#include <cstdint>
#include <span>

#include "vrrp/address.h"

namespace haguard::vrrp {

/// Adds big-endian 16-bit words to a running sum; an odd last byte is padded with zero. Room for
/// 64 KiB.
[[nodiscard]] std::uint32_t add_words(std::uint32_t sum, std::span<const std::uint8_t> bytes);

/// The running sum of the pseudo-header (RFC 8200 8.1, RFC 5798 5.2.8): source, destination, length
/// of the payload, protocol.
[[nodiscard]] std::uint32_t pseudo_header(const IpAddress& source, const IpAddress& destination,
                                          std::size_t length, std::uint8_t protocol);

/// To 16 bits, carries added in. The checksum is the complement of that; over bytes whose checksum
/// is filled in, 0xffff says that it holds.
[[nodiscard]] std::uint16_t fold(std::uint32_t sum);

}  // namespace haguard::vrrp
