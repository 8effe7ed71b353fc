#pragma once
// Takes in the clients of a listening socket, TCP or UNIX, for as long as it lives.

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace haguard::supervisor {

template <typename Protocol>
class AcceptLoop {
 public:
  using Socket = typename Protocol::socket;
  using OnClient = std::function<void(Socket)>;

  AcceptLoop(boost::asio::io_context& io, OnClient on_client)
      : acceptor_(io), retry_(io), on_client_(std::move(on_client)) {}

  /// To be opened, bound and made to listen before start().
  [[nodiscard]] typename Protocol::acceptor& acceptor() { return acceptor_; }

  /// Must outlive what it starts, or the io_context must not run any more.
  void start() {
    acceptor_.async_accept([this](boost::system::error_code error, Socket socket) {
      if (error == boost::asio::error::operation_aborted) {
        return;
      }
      if (error) {
        return try_later();
      }
      start();  // first, so that a client who cannot be served (no memory) is not the last one
      on_client_(std::move(socket));
    });
  }

 private:
  /// Out of descriptors, most likely: trying again at once would only burn the processor.
  void try_later() {
    retry_.expires_after(std::chrono::milliseconds(100));
    retry_.async_wait([this](boost::system::error_code aborted) {
      if (!aborted) {
        start();
      }
    });
  }

  typename Protocol::acceptor acceptor_;
  boost::asio::steady_timer retry_;
  OnClient on_client_;
};

}  // namespace haguard::supervisor
