#pragma once
// Port: what is tried before HAProxy is told to reload. Validation runs beside the loop as a
// program, binding on a thread of its own: files may be large, and their disk slow.

#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>

#include "conf/config.h"
#include "proxy-bridge/reload_event.h"

namespace haguard::proxy {

class Trials {
 public:
  using OnEvent = std::function<void(ReloadEvent)>;

  Trials(boost::asio::io_context& io, const conf::Haproxy& settings, OnEvent on_event);
  /// Waits for a trial of binds that is under way.
  ~Trials();

  /// Validated will come; for a second order before that, only the answer to it.
  void perform(const ValidateConfiguration& order);
  /// BindsTried will come; for a second order before that, only the answer to it.
  void perform(const TryBinds& order);
  /// No event comes any more.
  void cancel();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace haguard::proxy
