#include "vrrp/async_socket.h"

#include <unistd.h>
#include <utility>

#include <boost/asio/posix/stream_descriptor.hpp>

namespace haguard::vrrp {

struct AsyncSocket::State {
  explicit State(boost::asio::io_context& io) : socket(io) {}

  boost::asio::posix::stream_descriptor socket;
  std::function<void()> on_readable;
  bool armed = false;
};

AsyncSocket::AsyncSocket(boost::asio::io_context& io, int domain, int type, int protocol,
                         std::function<void()> on_readable)
    : state_(std::make_shared<State>(io)) {
  state_->on_readable = std::move(on_readable);
  const int descriptor = ::socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
  if (descriptor < 0) {
    throw std::system_error(errno, std::generic_category(), "socket");
  }
  boost::system::error_code error;
  state_->socket.assign(descriptor, error);
  if (error) {
    ::close(descriptor);
    throw std::system_error(error.value(), std::generic_category(), "epoll");
  }
}

AsyncSocket::~AsyncSocket() {
  boost::system::error_code ignored;
  state_->socket.close(ignored);
}

int AsyncSocket::descriptor() const {
  return state_->socket.native_handle();
}

void AsyncSocket::arm() {
  if (state_->armed) {
    return;
  }
  state_->armed = true;
  // A handler may already be queued, with success, when this object goes: hence the weak pointer.
  state_->socket.async_wait(
      boost::asio::posix::stream_descriptor::wait_read,
      [weak = std::weak_ptr<State>(state_)](const boost::system::error_code& error) {
        const auto state = weak.lock();
        if (!state || error) {
          return;
        }
        state->armed = false;
        state->on_readable();
      });
}

void AsyncSocket::set_receive_buffer(int bytes) {
  if (::setsockopt(descriptor(), SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) != 0) {
    set_option(SOL_SOCKET, SO_RCVBUF, bytes, "SO_RCVBUF");
  }
}

}  // namespace haguard::vrrp
