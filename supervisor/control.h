#pragma once
// The control socket: one JSON object per line in, one per line out. Runs on the protocol loop, so
// everything about a client is bounded: lines, answers under way, time, number of clients.

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "supervisor/commands.h"
#include "supervisor/publication.h"

namespace haguard::supervisor {

class Control {
 public:
  using OnWarning = std::function<void(const std::string& message)>;

  /// A socket file that a dead daemon left is replaced. Throws std::runtime_error when a living
  /// one answers there, or when the socket cannot be made. `publication` and `commands` must
  /// outlive it.
  Control(boost::asio::io_context& io, const std::string& path, const Publication& publication,
          Commands& commands, const OnWarning& on_warning);
  /// Removes the socket file.
  ~Control();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace haguard::supervisor
