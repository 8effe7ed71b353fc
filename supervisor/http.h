#pragma once
// A small HTTP server on a thread of its own: GET and HEAD, one request per connection. Number of
// connections, size of requests and time are bounded: 5 s for the whole header, however it comes,
// and as long for the answer. When all places are taken, the next connection gets one: that of the
// oldest connection of the host that has the most. So nobody is locked out for long, and whoever
// opens many connections displaces his own.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "conf/config.h"
#include "supervisor/pages.h"

namespace haguard::supervisor {

class HttpServer {
 public:
  /// Called on the server's thread.
  using Handler = std::function<Page(const Request& request)>;
  using OnError = std::function<void(const std::string& message)>;

  /// Throws std::runtime_error, naming the address, when it cannot listen there.
  HttpServer(const conf::Endpoint& listen, Handler handler, OnError on_error);
  /// Ends the thread.
  ~HttpServer();

  /// The one that was given, or what the kernel chose for 0.
  [[nodiscard]] std::uint16_t port() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace haguard::supervisor
