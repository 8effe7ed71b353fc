#include "proxy-bridge/process.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <poll.h>
#include <unistd.h>
#include <utility>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "proxy-bridge/master_pid.h"

namespace haguard::proxy {
namespace {

using namespace std::chrono_literals;
using boost::asio::posix::stream_descriptor;
using Error = boost::system::error_code;

/// The kernel tells how a process ended once its parent has reaped it, a moment after its death.
/// A parent that gets no processor must not hold us up for long: 10 ms at most.
constexpr auto kReapPoll = 200us;
constexpr unsigned kReapPolls = 50;

/// `struct pidfd_info` of linux/pidfd.h in its first published size; Debian 12 has no such header.
struct PidfdInfo {
  std::uint64_t mask;
  std::uint64_t cgroup_id;
  std::array<std::uint32_t, 11> ids;
  std::int32_t exit_code;  ///< as wait(2) tells it
};
static_assert(sizeof(PidfdInfo) == 64);

constexpr std::uint64_t kPidfdInfoExit = 1U << 3;           // Linux 6.15
constexpr auto kPidfdGetInfo = _IOWR(0xFF, 11, PidfdInfo);  // Linux 6.13

struct Ending {
  bool told = true;  ///< false: not yet
  std::optional<int> status;
};

Ending ending(int pidfd) {
  PidfdInfo info{};
  info.mask = kPidfdInfoExit;
  if (::ioctl(pidfd, kPidfdGetInfo, &info) != 0) {
    // An older kernel never tells. A newer one says ESRCH when the process was reaped unseen.
    return {};
  }
  if ((info.mask & kPidfdInfoExit) == 0) {
    return {.told = false, .status = std::nullopt};
  }
  return {.told = true, .status = info.exit_code};
}

std::string describe(std::optional<int> status) {
  if (!status) {
    return {};
  }
  return WIFSIGNALED(*status) ? "signal " + std::to_string(WTERMSIG(*status))
                              : "exited with code " + std::to_string(WEXITSTATUS(*status));
}

bool has_ended(int pidfd) {
  pollfd watched{pidfd, POLLIN, 0};
  return ::poll(&watched, 1, 0) > 0;
}

int open_pidfd(int pid) {
  return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
}

}  // namespace

class Processes::Impl {
 public:
  Impl(boost::asio::io_context& io, std::string pid_file, OnEvent on_event)
      : io_(io), pid_file_(std::move(pid_file)), on_event_(std::move(on_event)), reaping_(io) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    *alive_ = false;
    while (!watched_.empty()) {
      forget(watched_.begin()->first);
    }
  }

  void read_pid_file() {
    boost::asio::post(io_, [this, alive = alive_] {
      if (*alive) {
        on_event_(PidFileRead{haproxy_in(pid_file_)});
      }
    });
  }

  void watch(int pid) {
    forget(pid);
    const int pidfd = open_pidfd(pid);
    const bool absent = pidfd < 0 && (errno == ESRCH || errno == EINVAL);
    if (pidfd < 0 && !absent) {
      return;  // out of descriptors: not watched, but the stats socket still tells
    }
    auto watched = std::make_shared<Watched>(io_, pid);
    watched_[pid] = watched;
    if (absent) {
      boost::asio::post(io_, [this, watched] { report(*watched, std::nullopt); });
      return;
    }
    watched->pidfd.assign(pidfd);
    await_end(watched);
  }

  void forget(int pid) {
    const auto found = watched_.find(pid);
    if (found == watched_.end()) {
      return;
    }
    Watched& watched = *found->second;
    watched.wanted = false;
    Error ignored;
    watched.pidfd.close(ignored);
    watched_.erase(found);
  }

 private:
  /// Its handlers may run after it was forgotten, and after the Impl has gone.
  struct Watched {
    Watched(boost::asio::io_context& io, int number) : pid(number), pidfd(io) {}

    int pid;
    stream_descriptor pidfd;
    unsigned polls = 0;
    bool wanted = true;
  };

  void await_end(const std::shared_ptr<Watched>& watched) {
    watched->pidfd.async_wait(stream_descriptor::wait_read,
                              [this, watched](const Error&) { ended(watched); });
  }

  void ended(const std::shared_ptr<Watched>& watched) {
    if (!watched->wanted) {
      return;
    }
    if (!has_ended(watched->pidfd.native_handle())) {
      // Asio may speak of a descriptor of that number which is closed here, but not yet in a copy
      // of this process (proxy-bridge/child.cpp).
      await_end(watched);
    } else {
      ended_.push_back(watched);
      if (ended_.size() == 1) {
        tell_ended();
      }
    }
  }

  /// In the order in which they ended, for the first death is the cause of the others.
  void tell_ended() {
    while (!ended_.empty()) {
      const std::shared_ptr<Watched> first = ended_.front();
      const Ending end = first->wanted ? ending(first->pidfd.native_handle()) : Ending{};
      if (!end.told && ++first->polls <= kReapPolls) {
        poll_again();
        return;
      }
      ended_.pop_front();
      report(*first, end.status);
    }
  }

  void poll_again() {
    reaping_.expires_after(kReapPoll);
    reaping_.async_wait([this, alive = alive_](const Error&) {
      if (*alive) {
        tell_ended();
      }
    });
  }

  void report(const Watched& watched, std::optional<int> status) {
    if (!watched.wanted) {
      return;
    }
    const int pid = watched.pid;
    forget(pid);
    on_event_(ProcessGone{pid, describe(status)});
  }

  boost::asio::io_context& io_;
  std::string pid_file_;
  OnEvent on_event_;
  std::map<int, std::shared_ptr<Watched>> watched_;
  std::deque<std::shared_ptr<Watched>> ended_;  ///< not yet told, for the kernel has to tell how
  boost::asio::steady_timer reaping_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

Processes::Processes(boost::asio::io_context& io, std::string pid_file, OnEvent on_event)
    : impl_(std::make_unique<Impl>(io, std::move(pid_file), std::move(on_event))) {}

Processes::~Processes() = default;

void Processes::read_pid_file() {
  impl_->read_pid_file();
}

void Processes::watch(int pid) {
  impl_->watch(pid);
}

void Processes::forget(int pid) {
  impl_->forget(pid);
}

}  // namespace haguard::proxy
