#include "proxy-bridge/tcp_connection.h"

#include <algorithm>
#include <cctype>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/socket_base.hpp>

namespace haguard::proxy {
namespace {

using boost::asio::ip::tcp;
using Error = boost::system::error_code;

template <typename Bytes>
Bytes bytes_of(const vrrp::IpAddress& address) {
  Bytes bytes{};
  std::ranges::copy(address.bytes(), bytes.begin());
  return bytes;
}

}  // namespace

tcp::endpoint endpoint_of(const conf::Endpoint& target) {
  using boost::asio::ip::address_v4;
  using boost::asio::ip::address_v6;
  if (target.address.family() == vrrp::Family::Ipv4) {
    return {address_v4(bytes_of<address_v4::bytes_type>(target.address)), target.port};
  }
  return {address_v6(bytes_of<address_v6::bytes_type>(target.address)), target.port};
}

std::string reason(const Error& error) {
  std::string text = error.message();
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

Error judge_connect(const tcp::socket& socket, const Error& error) {
  if (error) {
    return error;
  }
  Error ignored;
  const bool with_itself = socket.local_endpoint(ignored) == socket.remote_endpoint(ignored);
  return with_itself ? boost::asio::error::connection_refused : Error();
}

void reset(tcp::socket& socket) {
  Error ignored;
  socket.set_option(boost::asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

}  // namespace haguard::proxy
