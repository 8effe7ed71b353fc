#pragma once
// Port: one try to bind(2) as HAProxy would, with the options of socket(7), ip(7) and ipv6(7) that
// its bind line asks for. Never listens; closed at once.

#include <cstdint>

#include <sys/types.h>

#include "proxy-bridge/bind.h"
#include "vrrp/address.h"

namespace haguard::proxy {

/// How HAProxy makes its sockets.
struct SocketManners {
  /// The user that its master runs as: SO_REUSEPORT shares a port only among sockets of one user
  /// (socket(7)). The calling thread takes that on for a moment (CAP_SETUID).
  uid_t user = 0;
  /// With SO_REUSEPORT, so its own listeners are no obstacle. Without, nobody can tell them from
  /// those of others.
  bool reuse_port = true;
};

/// 0 or errno(3).
using Errno = int;

/// In the network namespace of the calling thread. `address`: of the family that `bind` says.
[[nodiscard]] Errno try_bind(const Bind& bind, const vrrp::IpAddress& address, std::uint16_t port,
                             const SocketManners& manners);

}  // namespace haguard::proxy
