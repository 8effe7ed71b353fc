#include "proxy-bridge/knocker.h"

#include <array>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/error_code.hpp>

#include "proxy-bridge/tcp_connection.h"

namespace haguard::proxy {
namespace {

using boost::asio::ip::tcp;
using Error = boost::system::error_code;

/// No method, no TLS record, no PROXY signature, and complete for all who wait for an end of line.
constexpr std::array<char, 8> kNonsense{'\x01', '\x01', '\x01', '\x01', '\r', '\n', '\r', '\n'};

/// One knock. Handlers keep it alive; the port forgets it.
struct Call {
  explicit Call(boost::asio::io_context& io) : socket(io) {}

  tcp::socket socket;
  std::array<char, 16> answer{};
  bool wanted = true;
};

}  // namespace

class Knocker::Impl {
 public:
  Impl(boost::asio::io_context& io, OnEvent on_event) : io_(io), on_event_(std::move(on_event)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { give_up(); }

  void knock(const conf::Endpoint& listener, std::uint64_t question) {
    give_up();
    call_ = std::make_shared<Call>(io_);
    call_->socket.async_connect(endpoint_of(listener), [this, call = call_,
                                                        question](const Error& error) {
      if (call->wanted) {
        judge_connect(call->socket, error) ? end(Failed{Line::Listener, Failure::Refused, question})
                                           : speak(question);
      }
    });
  }

  void give_up() {
    if (call_) {
      call_->wanted = false;
      reset(call_->socket);
      call_.reset();
    }
  }

 private:
  void speak(std::uint64_t question) {
    boost::asio::async_write(
        call_->socket, boost::asio::buffer(kNonsense),
        [this, call = call_, question](const Error& /*error*/, std::size_t /*size*/) {
          if (call->wanted) {
            listen(question);
          }
        });
  }

  void listen(std::uint64_t question) {
    call_->socket.async_read_some(
        boost::asio::buffer(call_->answer),
        [this, call = call_, question](const Error& /*error*/, std::size_t /*size*/) {
          if (call->wanted) {
            end(Answered{Line::Listener, "", question});
          }
        });
  }

  void end(Event event) {
    give_up();
    on_event_(std::move(event));
  }

  boost::asio::io_context& io_;
  OnEvent on_event_;
  std::shared_ptr<Call> call_;
};

Knocker::Knocker(boost::asio::io_context& io, OnEvent on_event)
    : impl_(std::make_unique<Impl>(io, std::move(on_event))) {}

Knocker::~Knocker() = default;

void Knocker::knock(const conf::Endpoint& listener, std::uint64_t question) {
  impl_->knock(listener, question);
}

void Knocker::give_up() {
  impl_->give_up();
}

}  // namespace haguard::proxy
