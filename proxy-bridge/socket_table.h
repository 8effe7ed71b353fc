#pragma once
// The tables /proc/net/tcp, tcp6, udp and udp6 (proc(5)).

#include <cstdint>
#include <set>
#include <string_view>
#include <utility>

#include "vrrp/address.h"

namespace haguard::proxy {

using SocketAddresses = std::set<std::pair<vrrp::IpAddress, std::uint16_t>>;

enum class SocketState : std::uint8_t {
  Unconnected = 7,  ///< UDP without a peer; TCP_CLOSE of the kernel
  Listening = 10,
};

/// Adds the local address of a line of such a table when it is in that state; other lines add
/// nothing. Addresses are written as 32-bit words in the byte order of this machine.
void add_socket(std::string_view line, SocketState state, SocketAddresses& found);

}  // namespace haguard::proxy
