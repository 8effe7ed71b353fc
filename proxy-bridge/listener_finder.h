#pragma once
// Port: finds HAProxy's listeners in its configuration, on a thread of its own: files may be large,
// and their disk slow.

#include <functional>
#include <memory>
#include <set>

#include <boost/asio/io_context.hpp>

#include "conf/config.h"
#include "proxy-bridge/event.h"

namespace haguard::proxy {

class ListenerFinder {
 public:
  using OnEvent = std::function<void(Event)>;

  /// `elsewhere`: addresses that may be on another machine.
  ListenerFinder(boost::asio::io_context& io, conf::Haproxy settings,
                 std::set<vrrp::IpAddress> elsewhere, OnEvent on_event);
  ~ListenerFinder();

  /// From the next search on.
  void change_elsewhere(std::set<vrrp::IpAddress> addresses);

  /// ListenersFound will come; while a search is under way, for the last that was asked for.
  void find(int master_pid);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace haguard::proxy
