#include <string_view>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include "health/running_probe.h"
#include "proxy-bridge/tcp_connection.h"

namespace haguard::health {
namespace {

using boost::asio::ip::tcp;
using Error = boost::system::error_code;

/// PROXY protocol, version 1: the connection is the sender's own, as that of a local health check.
constexpr std::string_view kProxyHeader = "PROXY UNKNOWN\r\n";

class TcpProbe : public RunningProbe {
 public:
  TcpProbe(boost::asio::io_context& io, const conf::Check& settings, OnOutcome on_outcome)
      : target_(settings.target.to_string()),
        send_proxy_(settings.send_proxy),
        on_outcome_(std::move(on_outcome)),
        socket_(io) {
    socket_.async_connect(proxy::endpoint_of(settings.target),
                          [this, alive = std::weak_ptr<int>(alive_)](const Error& error) {
                            if (!alive.expired()) {
                              connected(error);
                            }
                          });
  }

 private:
  void connected(const Error& connect_error) {
    std::string failure;
    if (const Error error = proxy::judge_connect(socket_, connect_error)) {
      failure = "connect " + target_ + ": " + proxy::reason(error);
    } else if (send_proxy_) {
      failure = introduce();
    }
    proxy::reset(socket_);
    on_outcome_({failure.empty(), std::move(failure)});
  }

  /// Who listens refuses a header that it does not want by closing, so there is nothing to wait
  /// for. A new socket has room for so few bytes. Empty when they are sent, else the failure.
  std::string introduce() {
    Error error;
    socket_.non_blocking(true, error);
    if (!error) {
      socket_.write_some(boost::asio::buffer(kProxyHeader), error);
    }
    return error ? "send to " + target_ + ": " + proxy::reason(error) : std::string();
  }

  std::string target_;
  bool send_proxy_;
  OnOutcome on_outcome_;
  tcp::socket socket_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();  ///< handlers may run after us
};

}  // namespace

std::unique_ptr<RunningProbe> start_tcp_probe(boost::asio::io_context& io,
                                              const conf::Check& settings, OnOutcome on_outcome) {
  return std::make_unique<TcpProbe>(io, settings, std::move(on_outcome));
}

}  // namespace haguard::health
