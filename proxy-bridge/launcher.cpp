#include "proxy-bridge/launcher.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "proxy-bridge/command_line.h"
#include "proxy-bridge/log_pipe.h"
#include "proxy-bridge/master_pid.h"
#include "proxy-bridge/process_copy.h"
#include "proxy-bridge/tcp_connection.h"
#include "proxy-bridge/unit_environment.h"

namespace haguard::proxy {
namespace {

using boost::asio::posix::stream_descriptor;
using Error = boost::system::error_code;

constexpr int kCannotRun = 127;  ///< as of a shell

std::string reason_of(int error) {
  return reason({error, boost::system::system_category()});
}

struct Orders {
  char* const* arguments;
  char* const* environment;
  const char* pid_file;
  int output;
};

/// Before HAProxy does: whoever looks for it meanwhile, after a crash of ours, must find it.
void write_pid(const char* path) {
  std::array<char, 16> text{};
  char* end = std::to_chars(text.data(), text.data() + text.size() - 1, ::getpid()).ptr;
  *end++ = '\n';
  const int file = ::open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (file >= 0) {
    // HAProxy writes it again, and complains when it cannot.
    [[maybe_unused]] const auto written =
        ::write(file, text.data(), static_cast<std::size_t>(end - text.data()));
    ::close(file);
  }
}

void say(std::string_view text) {
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

/// In the copy; async-signal-safe.
[[noreturn]] void become_haproxy(const Orders& orders) {
  ::setsid();
  default_signals();
  ::dup2(::open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
  ::dup2(orders.output, STDOUT_FILENO);
  ::dup2(orders.output, STDERR_FILENO);
  ::syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0);
  ::umask(022);  // which shows in the mode of its sockets
  default_memory_score();
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  // SCHED_RESET_ON_FORK has taken real-time priority away.
  [[maybe_unused]] const int moved = ::chdir("/");
  write_pid(orders.pid_file);
  unblock_signals();
  ::execve(orders.arguments[0], orders.arguments, orders.environment);
  const char* why = ::strerrordesc_np(errno);
  say("[ALERT] cannot run ");
  say(orders.arguments[0]);
  say(": ");
  say(why != nullptr ? why : "unknown error");
  say("\n");
  ::_exit(kCannotRun);
}

std::vector<std::string> command(const conf::Haproxy& settings) {
  // Plain -W would go to the background with `daemon` in the configuration.
  std::vector<std::string> command{settings.binary,        "-Ws", "-S",
                                   settings.master_socket, "-p",  settings.pid_file};
  for (const std::string& path : settings.config) {
    command.insert(command.end(), {"-f", path});
  }
  return command;
}

/// Whether its command line names that master socket. A master that executes itself anew, to
/// reload, has none for a moment: then the pid file is to be believed.
bool has_master_socket(int pid, const std::string& master_socket) {
  const std::string cmdline = command_line_of(pid);
  for (const Option& option : options_of_command_line(cmdline)) {
    if (option.name == "-S" && !option.values.empty()) {
      return option.values[0].substr(0, option.values[0].find(',')) == master_socket;
    }
  }
  return cmdline.empty();
}

std::optional<int> find_master(const conf::Haproxy& settings) {
  if (const auto pid = haproxy_behind(settings.master_socket)) {
    return pid;
  }
  // One that loads its configuration does not answer there.
  const auto pid = haproxy_in(settings.pid_file);
  return pid && has_master_socket(*pid, settings.master_socket) ? pid : std::nullopt;
}

bool has_ended(int pidfd) {
  pollfd watched{pidfd, POLLIN, 0};
  return ::poll(&watched, 1, 0) > 0;
}

/// Reaps a child; nothing is known of the end of others.
std::string how_it_ended(int pidfd) {
  siginfo_t info{};
  if (::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED | WNOHANG) != 0 ||
      info.si_pid == 0) {
    return {};
  }
  return info.si_code == CLD_EXITED ? "exited with code " + std::to_string(info.si_status)
                                    : "signal " + std::to_string(info.si_status);
}

int number(StopSignal signal) {
  switch (signal) {
    case StopSignal::Soft:
      return SIGUSR1;
    case StopSignal::Term:
      return SIGTERM;
    case StopSignal::Kill:
      break;
  }
  return SIGKILL;
}

}  // namespace

/// Its handlers may run after the Launcher has gone; they hold it.
class Launcher::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(boost::asio::io_context& io, conf::Haproxy settings, const std::string& runtime_dir,
       OnEvent on_event)
      : io_(io),
        settings_(std::move(settings)),
        on_event_(std::move(on_event)),
        output_(io, runtime_dir,
                [this](std::string line) { tell(MasterPrinted{std::move(line)}); }),
        master_(io) {}

  void perform(const LookForMaster& /*action*/) { later(MasterFound{find_master(settings_)}); }

  void perform(const LaunchMaster& /*action*/) {
    const auto texts = command(settings_);
    const auto variables = surroundings_of(::getpid()).environment;
    const auto arguments = pointers(texts);
    const auto environment = pointers(variables);
    const int output = output_.open_for_writing();
    int pidfd = -1;
    const pid_t pid =
        copy({arguments.data(), environment.data(), settings_.pid_file.c_str(), output}, pidfd);
    const int error = errno;
    ::close(output);
    if (pid < 0) {
      later(MasterLaunched{0, reason_of(error)});
      return;
    }
    later(MasterLaunched{pid, ""});
    watch(pidfd);
  }

  void perform(const FollowMaster& action) {
    const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, action.pid, 0));
    if (pidfd < 0) {
      later(MasterEnded{""});
      return;
    }
    watch(pidfd);
  }

  void perform(const SignalMaster& action) {
    if (master_.is_open()) {
      ::syscall(SYS_pidfd_send_signal, master_.native_handle(), number(action.signal), nullptr, 0);
    }
  }

  /// HAProxy goes on.
  void drop() {
    on_event_ = nullptr;
    Error ignored;
    master_.close(ignored);
  }

  [[nodiscard]] const std::string& output_error() const { return output_.error(); }

 private:
  static pid_t copy(const Orders& orders, int& pidfd) {
    const SignalsBlocked blocked;
    const pid_t pid = copy_process(&pidfd);
    if (pid == 0) {
      become_haproxy(orders);
    }
    return pid;
  }

  void watch(int pidfd) {
    Error ignored;
    master_.close(ignored);
    master_.assign(pidfd);
    await_end();
  }

  /// That it can be read is a hint only (proxy-bridge/child.cpp).
  void await_end() {
    master_.async_wait(stream_descriptor::wait_read,
                       [self = shared_from_this()](const Error& error) {
                         if (error || !self->on_event_) {
                           return;
                         }
                         has_ended(self->master_.native_handle()) ? self->end() : self->await_end();
                       });
  }

  void end() {
    const std::string how = how_it_ended(master_.native_handle());
    Error ignored;
    master_.close(ignored);
    output_.catch_up();
    tell(MasterEnded{how});
  }

  void later(RunEvent event) {
    boost::asio::post(io_,
                      [self = shared_from_this(), event = std::move(event)] { self->tell(event); });
  }

  void tell(const RunEvent& event) {
    if (on_event_) {
      on_event_(event);
    }
  }

  boost::asio::io_context& io_;
  conf::Haproxy settings_;
  OnEvent on_event_;
  LogPipe output_;
  stream_descriptor master_;  ///< a pidfd
};

Launcher::Launcher(boost::asio::io_context& io, const conf::Haproxy& settings,
                   const std::string& runtime_dir, OnEvent on_event, const OnWarning& on_warning)
    : impl_(std::make_shared<Impl>(io, settings, runtime_dir, std::move(on_event))) {
  if (!impl_->output_error().empty()) {
    on_warning("what HAProxy prints is lost: " + impl_->output_error());
  }
}

Launcher::~Launcher() {
  impl_->drop();
}

void Launcher::perform(const RunAction& action) {
  std::visit([this](const auto& one) { impl_->perform(one); }, action);
}

}  // namespace haguard::proxy
