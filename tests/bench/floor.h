#pragma once
// What the parts of the program `floor` share: sockets whose calls have to succeed, and a clock.

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <system_error>
#include <unistd.h>
#include <vector>

#include <net/if.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace haguard::bench {

using Bytes = std::vector<std::uint8_t>;
using Series = std::vector<double>;  ///< milliseconds, one value per run

struct Pair {
  Series first;
  Series second;
};

[[noreturn]] inline void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

inline std::size_t checked(ssize_t result, const char* what) {
  if (result < 0) {
    fail(what);
  }
  return static_cast<std::size_t>(result);
}

/// Its buffers take a batch of thousands; whoever waits for an answer gives up after seconds.
class Socket {
 public:
  Socket(int domain, int type, int protocol) : fd_(::socket(domain, type, protocol)) {
    if (fd_ < 0) {
      fail("socket");
    }
    constexpr int kBuffer = 8 << 20;
    const timeval patience{5, 0};
    checked(::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), "timeout");
    checked(::setsockopt(fd_, SOL_SOCKET, SO_SNDBUFFORCE, &kBuffer, sizeof(kBuffer)), "buffer");
  }
  ~Socket() { ::close(fd_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

/// Milliseconds that `action` takes.
template <typename Action>
double timed(Action&& action) {
  const auto begun = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun)
      .count();
}

inline unsigned index_of(const char* interface) {
  const unsigned index = ::if_nametoindex(interface);
  return index != 0 ? index : (fail(interface), 0);
}

/// The bytes of the number-th address of the range that is for measurements.
inline Bytes address(int family, unsigned number) {
  const auto high = static_cast<std::uint8_t>(number >> 8);
  const auto low = static_cast<std::uint8_t>(number);
  if (family == AF_INET) {
    return {198, 18, high, low};
  }
  return {0x20, 0x01, 0x0d, 0xb8, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 1, high, low};
}

/// Adds so many addresses of the family to the interface and deletes them again, each by one
/// sendmsg of which the last request is answered: "add" and "delete".
[[nodiscard]] Pair measure_addresses(int family, unsigned count, unsigned runs,
                                     const char* interface);

}  // namespace haguard::bench
