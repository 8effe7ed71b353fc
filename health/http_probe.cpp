// One request on a connection of its own. Only the head of the answer is read, and not more of it
// than a server of good faith sends.

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/system/error_code.hpp>
#include <fmt/format.h>

#include "conf/report.h"
#include "health/running_probe.h"
#include "proxy-bridge/tcp_connection.h"

namespace haguard::health {
namespace {

namespace http = boost::beast::http;
using boost::asio::ip::tcp;
using Error = boost::system::error_code;

constexpr std::uint32_t kMaxHead = 8192;
/// Answers that only say that another one comes (RFC 9110 15.2).
constexpr int kMaxInterim = 4;
/// Of what a server says, as much as a line of the log can bear.
constexpr std::size_t kMaxQuote = 48;

/// One line of what a stranger has sent, for the log.
std::string quote(std::string_view bytes) {
  bytes = bytes.substr(0, std::min(bytes.find_first_of("\r\n"), bytes.size()));
  return conf::printable(bytes.substr(0, kMaxQuote));
}

/// "503 Service Unavailable". Without a phrase from the server, that of the standard if it has one.
std::string status_line(unsigned status, boost::beast::string_view phrase) {
  if (phrase == http::obsolete_reason(http::status::unknown)) {
    return fmt::format("{}", status);
  }
  return fmt::format("{} {}", status, quote({phrase.data(), phrase.size()}));
}

/// Lives as long as the handlers that use its buffers.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(boost::asio::io_context& io, const conf::Check& settings, OnOutcome on_outcome)
      : target_(settings.target),
        accepted_(settings.http.status),
        on_outcome_(std::move(on_outcome)),
        socket_(io) {
    request_.version(11);
    request_.method_string(settings.http.method);
    request_.target(settings.http.path);
    request_.set(http::field::host, settings.http.host);
    request_.set(http::field::user_agent, "haguard");
    request_.set(http::field::accept, "*/*");
    request_.set(http::field::connection, "close");
  }

  void start() {
    socket_.async_connect(
        proxy::endpoint_of(target_),
        [self = shared_from_this()](const Error& error) { self->connected(error); });
  }

  void abandon() {
    on_outcome_ = nullptr;
    proxy::reset(socket_);
  }

 private:
  void connected(const Error& connect_error) {
    if (!on_outcome_) {
      return;
    }
    if (const Error error = proxy::judge_connect(socket_, connect_error)) {
      return finish(fmt::format("connect {}: {}", target_.to_string(), proxy::reason(error)));
    }
    http::async_write(
        socket_, request_,
        [self = shared_from_this()](const Error& error, std::size_t) { self->sent(error); });
  }

  void sent(const Error& error) {
    if (!on_outcome_) {
      return;
    }
    if (error) {
      return finish(fmt::format("send to {}: {}", target_.to_string(), proxy::reason(error)));
    }
    read();
  }

  void read() {
    parser_.emplace();
    parser_->header_limit(kMaxHead);
    http::async_read_header(
        socket_, buffer_, *parser_,
        [self = shared_from_this()](const Error& error, std::size_t) { self->received(error); });
  }

  void received(const Error& error) {
    if (!on_outcome_) {
      return;
    }
    if (error) {
      return finish(failure(error));
    }
    const unsigned status = parser_->get().result_int();
    if (std::ranges::find(accepted_, status) != accepted_.end()) {
      return finish({});
    }
    const bool interim = status >= 100 && status < 200 && status != 101;
    if (interim && ++interim_ <= kMaxInterim) {
      return read();
    }
    finish(status_line(status, parser_->get().reason()));
  }

  /// Why there is no answer.
  std::string failure(const Error& error) const {
    if (error == http::error::end_of_stream) {
      return "connection closed before an answer";
    }
    if (error == http::error::partial_message) {
      return "connection closed within the head of the answer";
    }
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
      return fmt::format("head of the answer larger than {} bytes", kMaxHead);
    }
    if (error.category() == make_error_code(http::error::bad_version).category()) {
      const auto bytes = buffer_.cdata();
      return "not an HTTP answer: " + quote({static_cast<const char*>(bytes.data()), bytes.size()});
    }
    return "no answer: " + proxy::reason(error);
  }

  void finish(std::string failure) {
    proxy::reset(socket_);
    const OnOutcome tell = std::exchange(on_outcome_, nullptr);
    tell({failure.empty(), std::move(failure)});
  }

  conf::Endpoint target_;
  std::vector<unsigned> accepted_;
  OnOutcome on_outcome_;  ///< empty once told or abandoned
  tcp::socket socket_;
  http::request<http::empty_body> request_;
  boost::beast::flat_buffer buffer_{2 * kMaxHead};
  std::optional<http::response_parser<http::empty_body>> parser_;
  int interim_ = 0;
};

class HttpProbe : public RunningProbe {
 public:
  HttpProbe(boost::asio::io_context& io, const conf::Check& settings, OnOutcome on_outcome)
      : exchange_(std::make_shared<Exchange>(io, settings, std::move(on_outcome))) {
    exchange_->start();
  }
  ~HttpProbe() override { exchange_->abandon(); }

 private:
  std::shared_ptr<Exchange> exchange_;
};

}  // namespace

std::unique_ptr<RunningProbe> start_http_probe(boost::asio::io_context& io,
                                               const conf::Check& settings, OnOutcome on_outcome) {
  return std::make_unique<HttpProbe>(io, settings, std::move(on_outcome));
}

}  // namespace haguard::health
