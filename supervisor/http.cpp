#include "supervisor/http.h"

#include <algorithm>
#include <array>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <fmt/format.h>

#include "proxy-bridge/tcp_connection.h"
#include "supervisor/accept_loop.h"

namespace haguard::supervisor {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using Tcp = asio::ip::tcp;

constexpr std::uint32_t kMaxHeader = 8192;
/// Room for what a client sends in the same breath.
constexpr std::size_t kMaxRead = 16384;
constexpr std::chrono::seconds kTimeout{5};
constexpr std::size_t kMaxConnections = 32;

using Response = http::response<http::string_body>;
using Host = std::array<unsigned char, 8>;

/// Zeros for one that is gone already.
Host host_of(const Tcp::socket& socket) {
  error_code error;
  const auto address = socket.remote_endpoint(error).address();
  Host host{};
  if (address.is_v6()) {
    std::ranges::copy_n(address.to_v6().to_bytes().begin(), host.size(), host.begin());
  } else {
    std::ranges::copy(address.to_v4().to_bytes(), host.begin());
  }
  return host;
}

/// One connection: one request, one response. Lives as long as one of its handlers is pending.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Tcp::socket socket, const HttpServer::Handler& handler)
      : host_(host_of(socket)), stream_(std::move(socket)), handler_(handler) {
    parser_.header_limit(kMaxHeader);
  }

  /// The address of the other end; of IPv6 the network, as a host has all of that.
  [[nodiscard]] const Host& host() const { return host_; }
  void close() { stream_.close(); }

  void start() {
    stream_.expires_after(kTimeout);
    // Only the header: a body is no concern of ours and is never read.
    http::async_read_header(
        stream_, buffer_, parser_,
        [self = shared_from_this()](error_code error, std::size_t) { self->received(error); });
  }

 private:
  void received(error_code error) {
    if (!error) {
      return respond();
    }
    if (error == http::error::header_limit) {
      return send(http::status::request_header_fields_too_large, {});
    }
    const bool gone = error == http::error::end_of_stream || error == http::error::partial_message;
    if (!gone && error.category() == make_error_code(http::error::bad_method).category()) {
      return send(http::status::bad_request, {});
    }
    // Closed or too slow: there is nobody to answer.
  }

  void respond() {
    const auto& request = parser_.get();
    if (request.method() != http::verb::get && request.method() != http::verb::head) {
      response_.set(http::field::allow, "GET, HEAD");
      return send(http::status::method_not_allowed, {});
    }
    const auto target = request.target();
    const auto accept = request[http::field::accept];
    auto page = handler_({std::string_view(target.data(), target.size()),
                          std::string_view(accept.data(), accept.size())});
    const auto status = http::int_to_status(page.status);
    send(status, std::move(page));
  }

  void send(http::status status, Page page) {
    if (page.body.empty()) {
      page.body = fmt::format("{}\n", std::string_view(http::obsolete_reason(status).data(),
                                                       http::obsolete_reason(status).size()));
    }
    response_.version(11);
    response_.result(status);
    response_.keep_alive(false);
    response_.set(http::field::content_type, page.content_type);
    response_.set(http::field::cache_control, "no-store");
    response_.set("X-Content-Type-Options", "nosniff");
    if (!page.content_security_policy.empty()) {
      response_.set("Content-Security-Policy", page.content_security_policy);
      response_.set("Referrer-Policy", "no-referrer");
    }
    response_.content_length(page.body.size());
    if (parser_.get().method() != http::verb::head) {
      response_.body() = std::move(page.body);
    }
    stream_.expires_after(kTimeout);
    http::async_write(stream_, response_,
                      [self = shared_from_this()](error_code /*error*/, std::size_t) {
                        error_code ignored;
                        self->stream_.socket().shutdown(Tcp::socket::shutdown_send, ignored);
                      });
  }

  Host host_;
  boost::beast::tcp_stream stream_;
  const HttpServer::Handler& handler_;
  boost::beast::flat_buffer buffer_{kMaxRead};
  http::request_parser<http::empty_body> parser_;
  Response response_;
};

}  // namespace

class HttpServer::Impl {
 public:
  Impl(const conf::Endpoint& listen, Handler handler, OnError on_error)
      : handler_(std::move(handler)),
        on_error_(std::move(on_error)),
        entrance_(io_, [this](Tcp::socket socket) { admit(std::move(socket)); }) {
    try {
      bind(listen);
    } catch (const boost::system::system_error& error) {
      throw std::runtime_error(fmt::format("metrics.listen: cannot listen on {}: {}",
                                           listen.to_string(), error.code().message()));
    }
    entrance_.start();
    thread_ = std::thread([this] { run(); });
  }

  ~Impl() {
    io_.stop();
    thread_.join();
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  void bind(const conf::Endpoint& listen) {
    const Tcp::endpoint endpoint = proxy::endpoint_of(listen);
    auto& acceptor = entrance_.acceptor();
    acceptor.open(endpoint.protocol());
    acceptor.set_option(Tcp::acceptor::reuse_address(true));
    acceptor.bind(endpoint);
    acceptor.listen();
    port_ = acceptor.local_endpoint().port();
  }

  void admit(Tcp::socket socket) {
    std::erase_if(sessions_, [](const auto& session) { return session.expired(); });
    if (sessions_.size() >= kMaxConnections) {
      make_room();
    }
    const auto session = std::make_shared<Session>(std::move(socket), handler_);
    sessions_.push_back(session);
    session->start();
  }

  /// Closes the oldest connection of the host that has the most.
  void make_room() {
    std::map<Host, int> connections;
    int most = 0;
    for (const auto& session : sessions_) {
      most = std::max(most, ++connections[session.lock()->host()]);
    }
    const auto oldest = std::ranges::find_if(sessions_, [&](const auto& session) {
      return connections[session.lock()->host()] == most;
    });
    oldest->lock()->close();
    sessions_.erase(oldest);
  }

  /// A request that throws (out of memory) costs its own connection, not the server.
  void run() {
    for (bool done = false; !done;) {
      try {
        io_.run();
        done = true;
      } catch (const std::exception& error) {
        on_error_(fmt::format("http: {}", error.what()));
      }
    }
  }

  Handler handler_;
  OnError on_error_;
  std::vector<std::weak_ptr<Session>> sessions_;  ///< by age
  asio::io_context io_{1};
  AcceptLoop<Tcp> entrance_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

HttpServer::HttpServer(const conf::Endpoint& listen, Handler handler, OnError on_error)
    : impl_(std::make_unique<Impl>(listen, std::move(handler), std::move(on_error))) {}

HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::port() const {
  return impl_->port();
}

}  // namespace haguard::supervisor
