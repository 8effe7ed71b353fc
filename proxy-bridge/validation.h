#pragma once
// Port: asks HAProxy itself (-c) whether it would load what is on disk now, started as its running
// master was: with the same arguments, environment and directory.

#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>

#include "conf/config.h"
#include "conf/units.h"
#include "proxy-bridge/reload_event.h"

namespace haguard::proxy {

class Validation {
 public:
  using OnEvent = std::function<void(ReloadEvent)>;

  /// `patience`: then HAProxy is killed, and that is the answer.
  Validation(boost::asio::io_context& io, const conf::Haproxy& settings, OnEvent on_event,
             Duration patience = std::chrono::seconds(60));
  ~Validation();

  /// Validated will come, never from within this call. A check that is under way is cancelled.
  void start(const ValidateConfiguration& order);
  /// Kills what runs; no event comes any more.
  void cancel();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace haguard::proxy
