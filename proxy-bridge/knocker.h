#pragma once
// Port: knocks at a listener of HAProxy. Sends bytes that are no request of any protocol, which
// HAProxy itself refuses (HTTP: "400 Bad request", TLS: an alert, PROXY: it closes) without asking
// a server. Whatever comes back, the end of the connection included, came from a worker that lives:
// the kernel alone accepts connections, and says nothing.

#include <cstdint>
#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>

#include "conf/config.h"
#include "proxy-bridge/event.h"

namespace haguard::proxy {

class Knocker {
 public:
  using OnEvent = std::function<void(Event)>;

  Knocker(boost::asio::io_context& io, OnEvent on_event);
  ~Knocker();

  /// Answered{Line::Listener} or Failed{Line::Listener}; a former knock is given up.
  void knock(const conf::Endpoint& listener, std::uint64_t question);
  void give_up();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace haguard::proxy
