#pragma once
// Port: HAProxy's processes. Found by pid, watched by pidfd; none of them is our child.

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "proxy-bridge/monitor.h"

namespace haguard::proxy {

class Processes {
 public:
  using OnEvent = std::function<void(Event)>;

  Processes(boost::asio::io_context& io, std::string pid_file, OnEvent on_event);
  ~Processes();

  void read_pid_file();
  void watch(int pid);
  void forget(int pid);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace haguard::proxy
