#pragma once
// The HTTP server as [metrics] listen has it at the moment, or none.

#include <optional>
#include <utility>

#include "supervisor/http.h"

namespace haguard::supervisor {

class HttpFront {
 public:
  HttpFront(HttpServer::Handler handler, HttpServer::OnError on_error)
      : handler_(std::move(handler)), on_error_(std::move(on_error)) {}

  /// None: off. Throws std::runtime_error when it cannot listen there; then nothing has changed.
  void listen(const std::optional<conf::Endpoint>& where) {
    if (where == where_) {
      return;
    }
    auto server = where ? std::make_unique<HttpServer>(*where, handler_, on_error_) : nullptr;
    server_ = std::move(server);
    where_ = where;
  }

 private:
  HttpServer::Handler handler_;
  HttpServer::OnError on_error_;
  std::optional<conf::Endpoint> where_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace haguard::supervisor
