#include <algorithm>
#include <cctype>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/system/error_code.hpp>

#include "health/running_probe.h"

namespace haguard::health {
namespace {

using boost::asio::ip::tcp;
using Error = boost::system::error_code;

template <typename Bytes>
Bytes bytes_of(const vrrp::IpAddress& address) {
  Bytes bytes{};
  std::ranges::copy(address.bytes(), bytes.begin());
  return bytes;
}

tcp::endpoint endpoint_of(const conf::Endpoint& target) {
  using boost::asio::ip::address_v4;
  using boost::asio::ip::address_v6;
  if (target.address.family() == vrrp::Family::Ipv4) {
    return {address_v4(bytes_of<address_v4::bytes_type>(target.address)), target.port};
  }
  return {address_v6(bytes_of<address_v6::bytes_type>(target.address)), target.port};
}

/// "connection refused": the system's words, as they read inside a sentence.
std::string reason(const Error& error) {
  std::string text = error.message();
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// Without a listener, a port of the range for outgoing connections may be met by its own SYN: the
/// kernel then joins the socket with itself.
bool joined_with_itself(const tcp::socket& socket) {
  Error error;
  return socket.local_endpoint(error) == socket.remote_endpoint(error);
}

class TcpProbe : public RunningProbe {
 public:
  TcpProbe(boost::asio::io_context& io, const conf::Endpoint& target, OnOutcome on_outcome)
      : target_(target.to_string()), on_outcome_(std::move(on_outcome)), socket_(io) {
    socket_.async_connect(endpoint_of(target),
                          [this, alive = std::weak_ptr<int>(alive_)](const Error& error) {
                            if (!alive.expired()) {
                              connected(error);
                            }
                          });
  }

 private:
  void connected(Error error) {
    if (!error && joined_with_itself(socket_)) {
      error = boost::asio::error::connection_refused;
    }
    Error ignored;
    socket_.set_option(boost::asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
    on_outcome_({!error, error ? "connect " + target_ + ": " + reason(error) : std::string()});
  }

  std::string target_;
  OnOutcome on_outcome_;
  tcp::socket socket_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();  ///< handlers may run after us
};

}  // namespace

std::unique_ptr<RunningProbe> start_tcp_probe(boost::asio::io_context& io,
                                              const conf::Check& settings, OnOutcome on_outcome) {
  return std::make_unique<TcpProbe>(io, settings.target, std::move(on_outcome));
}

}  // namespace haguard::health
