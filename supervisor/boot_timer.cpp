#include "supervisor/boot_timer.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <unistd.h>

#include <boost/system/system_error.hpp>
#include <sys/timerfd.h>

namespace haguard::supervisor {
namespace {

int open_timer() {
  const int fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
  if (fd < 0) {
    throw boost::system::system_error(errno, boost::system::system_category(), "timerfd_create");
  }
  return fd;
}

}  // namespace

BootTimer::BootTimer(boost::asio::io_context& io) : timer_(io, open_timer()) {
  wait();
}

void BootTimer::arm(Instant at) {
  // A time of zero would disarm.
  const auto since_boot = std::max(at.time_since_epoch(), Duration(1));
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_boot);
  itimerspec spec{};
  spec.it_value.tv_sec = seconds.count();
  spec.it_value.tv_nsec = std::chrono::nanoseconds(since_boot - seconds).count();
  timerfd_settime(timer_.native_handle(), TFD_TIMER_ABSTIME, &spec, nullptr);
}

void BootTimer::wait() {
  timer_.async_wait(
      boost::asio::posix::stream_descriptor::wait_read, [this](boost::system::error_code error) {
        if (error) {
          return;
        }
        // Unread, it would stay readable and fire again before it is armed anew.
        std::uint64_t expirations = 0;
        static_cast<void>(!read(timer_.native_handle(), &expirations, sizeof(expirations)));
        wait();
      });
}

}  // namespace haguard::supervisor
