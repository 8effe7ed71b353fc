#pragma once
// Port: THE place where HAProxy's stats and master sockets are spoken. Connects, asks, reads whole
// replies of bounded size, never blocks.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "conf/config.h"
#include "proxy-bridge/monitor.h"

namespace haguard::proxy {

class Cli {
 public:
  using OnEvent = std::function<void(Event)>;

  Cli(boost::asio::io_context& io, const conf::Haproxy& settings, OnEvent on_event);
  ~Cli();

  /// `question` comes back with the answer or the failure; for Line::Door from in here, for all
  /// others later.
  void ask(Line line, const std::string& command, std::uint64_t question = 0);
  void hang_up(Line line);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace haguard::proxy
