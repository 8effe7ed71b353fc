#include "proxy-bridge/door.h"

#include <cerrno>
#include <cstring>
#include <unistd.h>

#include <sys/socket.h>
#include <sys/un.h>

namespace haguard::proxy {

/// A datagram socket cannot be connected to a socket for streams, and which error comes tells what
/// is there: EPROTOTYPE when it is open, ECONNREFUSED when it is not (unix(7), connect(2)).
bool is_abandoned(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return false;
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) {
    return false;
  }
  const bool refused =
      ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 &&
      errno == ECONNREFUSED;
  ::close(socket);
  return refused;
}

}  // namespace haguard::proxy
