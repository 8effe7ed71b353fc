#pragma once
// One IP packet of protocol 112, as the wire port hands it out.

#include <cstdint>
#include <span>
#include <string_view>

#include "vrrp/address.h"

namespace haguard::vrrp {

/// `interface` and `message`, the payload, are valid during the call only.
struct ReceivedPacket {
  std::string_view interface;
  IpAddress source;
  IpAddress destination;
  std::uint8_t ttl = 0;  ///< or hop limit
  std::span<const std::uint8_t> message;
};

}  // namespace haguard::vrrp
