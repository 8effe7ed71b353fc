#pragma once
// The control socket: one JSON object per line in, one per line out. Runs on the protocol loop, so
// everything about a client is bounded: lines, answers under way, time, number of clients. When all
// places are taken, whoever has been silent the longest makes room for the next.

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "supervisor/control_access.h"
#include "supervisor/control_protocol.h"

namespace haguard::supervisor {

class Control {
 public:
  /// The socket is for root and the group haguard; `say`: what happens on it (control_access.h). A
  /// socket file that a dead daemon left is replaced. Throws std::runtime_error when a living
  /// one answers there, or when the socket cannot be made. It is the one listener of the
  /// journal.
  Control(boost::asio::io_context& io, const std::string& path, const ControlSources& sources,
          ControlAccess::Say say);
  /// Removes the socket file.
  ~Control();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace haguard::supervisor
