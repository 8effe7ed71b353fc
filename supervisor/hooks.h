#pragma once
// Port: runs the programs of [hooks] when a router changes its state. One at a time in the whole
// daemon, each with a deadline; the protocol waits for none of them.

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "conf/config.h"
#include "supervisor/event.h"
#include "supervisor/message_table.h"
#include "supervisor/node.h"

namespace haguard::supervisor {

class Hooks {
 public:
  using OnMessage = std::function<void(MessageId id, const std::string& message)>;

  /// All arguments must outlive it. `on_message` is called from handlers of the io_context,
  /// once at the end of each program: HookDone, HookFailed or HookKilled.
  Hooks(boost::asio::io_context& io, const conf::Config& config, const Node& node,
        OnMessage on_message);
  /// From the next change of state on. `config` must outlive it.
  void reconfigure(const conf::Config& config);
  /// Kills the one that runs.
  ~Hooks();

  /// Starts nothing by itself: that is left to a handler of the io_context.
  void tell(const StateChanged& change);
  /// Nothing runs and nothing waits.
  [[nodiscard]] bool idle() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace haguard::supervisor
