#include "health/probe.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/system/error_code.hpp>

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

}  // namespace

class Probes::Impl {
 public:
  Impl(boost::asio::io_context& io, OnResult on_result)
      : io_(io), on_result_(std::move(on_result)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    while (!running_.empty()) {
      cancel(running_.begin()->first);
    }
  }

  void start(std::size_t check, const conf::Endpoint& target) {
    cancel(check);
    auto probe = std::make_shared<Probe>(Probe{.socket = tcp::socket(io_)});
    running_[check] = probe;
    probe->socket.async_connect(
        endpoint_of(target), [this, probe, check, name = target.to_string()](const Error& error) {
          if (probe->wanted) {
            finish(check, name, error);
          }
        });
  }

  void cancel(std::size_t check) {
    const auto found = running_.find(check);
    if (found == running_.end()) {
      return;
    }
    found->second->wanted = false;
    Error ignored;
    found->second->socket.close(ignored);
    running_.erase(found);
  }

 private:
  /// Its handler may run after it was cancelled, and after the Impl has gone.
  struct Probe {
    tcp::socket socket;
    bool wanted = true;
  };

  void finish(std::size_t check, const std::string& target, Error error) {
    tcp::socket& socket = running_.at(check)->socket;
    if (!error && joined_with_itself(socket)) {
      error = boost::asio::error::connection_refused;
    }
    Error ignored;
    socket.set_option(boost::asio::socket_base::linger(true, 0), ignored);
    cancel(check);
    on_result_({.check = check,
                .passed = !error,
                .detail = error ? "connect " + target + ": " + reason(error) : std::string()});
  }

  boost::asio::io_context& io_;
  OnResult on_result_;
  std::map<std::size_t, std::shared_ptr<Probe>> running_;
};

Probes::Probes(boost::asio::io_context& io, OnResult on_result)
    : impl_(std::make_unique<Impl>(io, std::move(on_result))) {}

Probes::~Probes() = default;

void Probes::start(std::size_t check, const conf::Check& settings) {
  impl_->start(check, settings.target);
}

void Probes::cancel(std::size_t check) {
  impl_->cancel(check);
}

}  // namespace haguard::health
