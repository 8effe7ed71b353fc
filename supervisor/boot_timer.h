#pragma once
// The one timer of the daemon: absolute points on the boot clock, which no Asio timer knows.

#include <functional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "conf/units.h"

namespace haguard::supervisor {

class BootTimer {
 public:
  /// Throws boost::system::system_error when the kernel has no timer for us. `io` gets a handler to
  /// run, doing nothing, when the time has come: that wakes whoever runs it.
  explicit BootTimer(boost::asio::io_context& io);

  /// Replaces what was armed; a point in the past fires at once.
  void arm(Instant at);

 private:
  void wait();

  boost::asio::posix::stream_descriptor timer_;
};

}  // namespace haguard::supervisor
