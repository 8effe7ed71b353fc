#pragma once
// An advertisement as a complete Ethernet frame, for a source MAC address that is not the
// interface's. Pure; the kernel does the same for whatever has the interface's own.

#include <cstdint>
#include <span>
#include <vector>

#include "vrrp/address.h"
#include "vrrp/packet.h"

namespace haguard::vrrp {

/// From `from` to the multicast group `envelope.destination` (RFC 1112 6.4, RFC 2464 7). TTL or hop
/// limit 255, TOS or traffic class 0xC0. `message` is the IP payload: at most 65515 bytes.
[[nodiscard]] std::vector<std::uint8_t> multicast_frame(const MacAddress& from,
                                                        const Envelope& envelope,
                                                        std::span<const std::uint8_t> message);

}  // namespace haguard::vrrp
