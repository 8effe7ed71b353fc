#pragma once
// A non-blocking socket that tells when it can be read. Reading is left to the user, who wants to
// see the errno of each call; Asio serves for readiness only. Shared by the kernel and wire ports.

#include <cerrno>
#include <functional>
#include <memory>
#include <system_error>

#include <boost/asio/io_context.hpp>
#include <sys/socket.h>

namespace haguard::vrrp {

class AsyncSocket {
 public:
  /// As socket(2), plus non-blocking and close-on-exec. Throws std::system_error.
  AsyncSocket(boost::asio::io_context& io, int domain, int type, int protocol,
              std::function<void()> on_readable);
  ~AsyncSocket();
  AsyncSocket(const AsyncSocket&) = delete;
  AsyncSocket& operator=(const AsyncSocket&) = delete;

  [[nodiscard]] int descriptor() const;

  /// on_readable will be called once, as soon as there is something to read. Without effect while
  /// a call is still due.
  void arm();

  /// setsockopt(2); throws std::system_error naming `what`.
  template <typename Value>
  void set_option(int level, int option, const Value& value, const char* what) {
    if (::setsockopt(descriptor(), level, option, &value, sizeof(value)) != 0) {
      throw std::system_error(errno, std::generic_category(), what);
    }
  }

  /// At least `bytes` of receive buffer, beyond net.core.rmem_max where the privileges allow it.
  void set_receive_buffer(int bytes);

 private:
  struct State;
  std::shared_ptr<State> state_;  ///< handlers in flight hold it weakly
};

}  // namespace haguard::vrrp
