#pragma once
// What everybody who connects to see whether somebody answers has in common.

#include <string>

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include "conf/config.h"

namespace haguard::proxy {

[[nodiscard]] boost::asio::ip::tcp::endpoint endpoint_of(const conf::Endpoint& target);

/// "connection refused": the system's words, as they read inside a sentence.
[[nodiscard]] std::string reason(const boost::system::error_code& error);

/// What connecting came to. Without a listener, a port of the range for outgoing connections may be
/// met by its own SYN: the kernel then joins the socket with itself. That is a refusal.
[[nodiscard]] boost::system::error_code judge_connect(const boost::asio::ip::tcp::socket& socket,
                                                      const boost::system::error_code& error);

/// Closes with RST, so that probes leave no TIME_WAIT behind.
void reset(boost::asio::ip::tcp::socket& socket);

}  // namespace haguard::proxy
