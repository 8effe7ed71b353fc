#include "supervisor/notify.h"

#include <cstddef>
#include <cstring>
#include <unistd.h>

#include <sys/socket.h>
#include <sys/un.h>

namespace haguard::supervisor {

ServiceManager::ServiceManager(const char* socket, bool watchdog) : watchdog_(watchdog) {
  sockaddr_un address{};
  const std::string_view path = socket == nullptr ? "" : socket;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    return;
  }
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  if (path.front() == '@') {
    address.sun_path[0] = '\0';  // the abstract namespace
  }
  fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  // connect() takes every kind of socket address through this type.
  if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), length) != 0) {
    close(fd_);
    fd_ = -1;
  }
}

ServiceManager::~ServiceManager() {
  if (fd_ >= 0) {
    close(fd_);
  }
}

void ServiceManager::tell(std::string_view state) {
  send(std::string(state) + "\n");
}

void ServiceManager::heartbeat() {
  if (watchdog_ || !unsent_.empty()) {
    send(watchdog_ ? "WATCHDOG=1\n" : "");
  }
}

void ServiceManager::send(std::string_view state) {
  if (fd_ < 0) {
    return;
  }
  const std::string message = unsent_ + std::string(state);
  if (::send(fd_, message.data(), message.size(), MSG_NOSIGNAL) >= 0) {
    unsent_.clear();
  } else if (state != "WATCHDOG=1\n") {
    unsent_ = message;
  }
}

}  // namespace haguard::supervisor
