#include "proxy-bridge/trial_socket.h"

#include <algorithm>
#include <cerrno>
#include <string>
#include <unistd.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>

namespace haguard::proxy {
namespace {

class Socket {
 public:
  /// It belongs to that user. The thread's other privileges come back with its own user.
  Socket(int family, int type, uid_t user) {
    const auto own = ::syscall(SYS_setfsuid, user);
    descriptor_ = ::socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    error_ = descriptor_ < 0 ? errno : 0;
    ::syscall(SYS_setfsuid, own);
  }
  ~Socket() {
    if (descriptor_ >= 0) {
      ::close(descriptor_);
    }
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] Errno error() const { return error_; }
  [[nodiscard]] Errno set(int level, int name, int value) const {
    return ::setsockopt(descriptor_, level, name, &value, sizeof value) == 0 ? 0 : errno;
  }

 private:
  int descriptor_ = -1;
  Errno error_ = 0;
};

Errno set_interface(const Socket& socket, const std::string& name) {
  const auto size = static_cast<socklen_t>(name.size());
  const bool set = name.empty() || ::setsockopt(socket.descriptor(), SOL_SOCKET, SO_BINDTODEVICE,
                                                name.data(), size) == 0;
  return set ? 0 : errno;
}

/// One of the two is enough for an address that no interface has.
Errno set_transparent(const Socket& socket, const Bind& bind) {
  if (!bind.transparent) {
    return 0;
  }
  const int level = bind.ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
  const Errno error = socket.set(level, bind.ipv6 ? IPV6_TRANSPARENT : IP_TRANSPARENT, 1);
  return error == 0 ? 0 : socket.set(level, bind.ipv6 ? IPV6_FREEBIND : IP_FREEBIND, 1);
}

Errno set_families(const Socket& socket, const Bind& bind) {
  const bool said = bind.ipv6 && (bind.v6only || bind.v4v6);
  return said ? socket.set(IPPROTO_IPV6, IPV6_V6ONLY, bind.v6only ? 1 : 0) : 0;
}

/// Not for datagrams: a socket that shared HAProxy's port would take some of them.
Errno set_reuse(const Socket& socket, const Bind& bind, bool reuse_port) {
  if (bind.datagram) {
    return 0;
  }
  const Errno error = socket.set(SOL_SOCKET, SO_REUSEADDR, 1);
  return error == 0 && reuse_port ? socket.set(SOL_SOCKET, SO_REUSEPORT, 1) : error;
}

Errno bind_socket(const Socket& socket, const vrrp::IpAddress& address, std::uint16_t port) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  const auto bytes = address.bytes();
  const bool is_v4 = address.family() == vrrp::Family::Ipv4;
  std::ranges::copy(bytes, is_v4 ? reinterpret_cast<std::uint8_t*>(&v4.sin_addr)
                                 : reinterpret_cast<std::uint8_t*>(&v6.sin6_addr));
  const int result =
      is_v4 ? ::bind(socket.descriptor(), reinterpret_cast<const sockaddr*>(&v4), sizeof v4)
            : ::bind(socket.descriptor(), reinterpret_cast<const sockaddr*>(&v6), sizeof v6);
  return result == 0 ? 0 : errno;
}

}  // namespace

Errno try_bind(const Bind& bind, const vrrp::IpAddress& address, std::uint16_t port,
               const SocketManners& manners) {
  const Socket socket(bind.ipv6 ? AF_INET6 : AF_INET, bind.datagram ? SOCK_DGRAM : SOCK_STREAM,
                      manners.user);
  Errno error = socket.error();
  error = error == 0 ? set_reuse(socket, bind, manners.reuse_port) : error;
  error = error == 0 ? set_interface(socket, bind.interface) : error;
  error = error == 0 ? set_transparent(socket, bind) : error;
  error = error == 0 ? set_families(socket, bind) : error;
  return error == 0 ? bind_socket(socket, address, port) : error;
}

}  // namespace haguard::proxy
