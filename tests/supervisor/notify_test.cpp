// The service manager is a datagram socket of the test.

#include "supervisor/notify.h"

#include <array>
#include <cstring>
#include <unistd.h>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace haguard::supervisor {
namespace {

/// In the abstract namespace, under a name that the kernel chooses.
class Receiver {
 public:
  Receiver() : fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socklen_t length = sizeof(address.sun_family);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(fd_, generic, length), 0);
    length = sizeof(address);
    EXPECT_EQ(getsockname(fd_, generic, &length), 0);
    name_ = "@" + std::string(&address.sun_path[1], length - sizeof(address.sun_family) - 1);
  }
  ~Receiver() { close(fd_); }
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  [[nodiscard]] const char* name() const { return name_.c_str(); }
  /// The next datagram, or nothing.
  [[nodiscard]] std::string next() const {
    std::array<char, 256> buffer{};
    const auto length = recv(fd_, buffer.data(), buffer.size(), 0);
    return length < 0 ? "" : std::string(buffer.data(), static_cast<std::size_t>(length));
  }

 private:
  int fd_;
  std::string name_;
};

TEST(ServiceManager, IsToldStatesAndSignsOfLife) {
  const Receiver systemd;
  ServiceManager manager(systemd.name(), true);
  manager.tell("READY=1");
  manager.heartbeat();
  EXPECT_EQ(systemd.next(), "READY=1\n");
  EXPECT_EQ(systemd.next(), "WATCHDOG=1\n");
}

TEST(ServiceManager, WithoutWatchdogHeartbeatsAreSilent) {
  const Receiver systemd;
  ServiceManager manager(systemd.name(), false);
  manager.heartbeat();
  EXPECT_EQ(systemd.next(), "");
}

TEST(ServiceManager, ThatIsBusyHearsOfAStateLater) {
  const Receiver systemd;
  ServiceManager manager(systemd.name(), true);
  // Until its queue is full; the kernel's limit is at most some hundred datagrams.
  for (int i = 0; i < 10000; ++i) {
    manager.heartbeat();
  }
  manager.tell("READY=1");
  while (systemd.next() == "WATCHDOG=1\n") {
  }
  manager.heartbeat();
  EXPECT_EQ(systemd.next(), "READY=1\nWATCHDOG=1\n");
}

TEST(ServiceManager, NeedNotBeThere) {
  for (const char* socket : {static_cast<const char*>(nullptr), "", "/nonexistent/notify"}) {
    ServiceManager manager(socket, true);
    manager.tell("READY=1");
    manager.heartbeat();
  }
}

}  // namespace
}  // namespace haguard::supervisor
