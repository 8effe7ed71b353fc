#include "supervisor/http.h"

#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
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
constexpr int kMaxConnections = 32;
constexpr std::chrono::milliseconds kAcceptRetry{100};

using Response = http::response<http::string_body>;

/// One connection: one request, one response. Lives as long as one of its handlers is pending.
class Session : public std::enable_shared_from_this<Session> {
 public:
  /// `slot` is given back when the session ends.
  Session(Tcp::socket socket, const HttpServer::Handler& handler, std::shared_ptr<void> slot)
      : stream_(std::move(socket)), handler_(handler), slot_(std::move(slot)) {
    parser_.header_limit(kMaxHeader);
  }

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
    auto page = handler_(std::string_view(target.data(), target.size()));
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

  boost::beast::tcp_stream stream_;
  const HttpServer::Handler& handler_;
  std::shared_ptr<void> slot_;
  boost::beast::flat_buffer buffer_{kMaxRead};
  http::request_parser<http::empty_body> parser_;
  Response response_;
};

}  // namespace

class HttpServer::Impl {
 public:
  Impl(const conf::Endpoint& listen, Handler handler, OnError on_error)
      : handler_(std::move(handler)), on_error_(std::move(on_error)) {
    try {
      bind(listen);
    } catch (const boost::system::system_error& error) {
      throw std::runtime_error(fmt::format("metrics.listen: cannot listen on {}: {}",
                                           listen.to_string(), error.code().message()));
    }
    accept();
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
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(Tcp::acceptor::reuse_address(true));
    acceptor_.bind(endpoint);
    acceptor_.listen();
    port_ = acceptor_.local_endpoint().port();
  }

  void accept() {
    acceptor_.async_accept([this](error_code error, Tcp::socket socket) {
      if (error) {
        // Out of descriptors, most likely: trying again at once would only burn the processor.
        retry_.expires_after(kAcceptRetry);
        retry_.async_wait([this](error_code) { accept(); });
        return;
      }
      if (sessions_ < kMaxConnections) {
        ++sessions_;
        const std::shared_ptr<void> slot(nullptr, [this](void*) { --sessions_; });
        std::make_shared<Session>(std::move(socket), handler_, slot)->start();
      }
      accept();
    });
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
  int sessions_ = 0;  ///< before io_: its end gives the last slots back
  asio::io_context io_{1};
  Tcp::acceptor acceptor_{io_};
  asio::steady_timer retry_{io_};
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
