#include "proxy-bridge/child_keeper.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <span>
#include <unistd.h>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "proxy-bridge/process_copy.h"

namespace haguard::proxy {
namespace {

constexpr int kExecFailed = 127;

void tell(int line, KeeperNews news, int value) {
  const KeeperReport report{news, value};
  ::send(line, &report, sizeof(report), MSG_NOSIGNAL);
}

void close_between(int first, int last) {
  if (first <= last) {
    ::syscall(SYS_close_range, first, last, 0);
  }
}

/// The daemon's sockets must not live on in the keeper: a closed one would not be closed.
void drop_descriptors(const KeeperOrders& orders) {
  const auto [low, high] = std::minmax(orders.output, orders.line);
  close_between(0, low - 1);
  close_between(low + 1, high - 1);
  ::syscall(SYS_close_range, high + 1, ~0U, 0);
}

/// The C library's functions of these names would wait for threads, which no copy has.
bool become(const KeeperOrders::Identity& identity) {
  const auto& [user, group, groups] = identity;
  return ::syscall(SYS_setgroups, groups.size(), groups.data()) == 0 &&
         ::syscall(SYS_setresgid, group, group, group) == 0 &&
         ::syscall(SYS_setresuid, user, user, user) == 0;
}

/// Whatever comes from the keeper with close-on-exec goes by itself.
[[noreturn]] void run_program(const KeeperOrders& orders) {
  ::setsid();
  ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
  ::dup2(orders.output, STDOUT_FILENO);
  ::dup2(orders.output, STDERR_FILENO);
  ::umask(022);
  // SCHED_RESET_ON_FORK has taken real-time priority and a negative nice value away.
  ::setpriority(PRIO_PROCESS, 0, orders.nice);
  default_memory_score();
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  if (::chdir(orders.directory) != 0) {
    tell(orders.line, KeeperNews::CannotEnterDirectory, errno);
    ::_exit(kExecFailed);
  }
  if (orders.identity && !become(*orders.identity)) {
    tell(orders.line, KeeperNews::CannotBecomeUser, errno);
    ::_exit(kExecFailed);
  }
  unblock_signals();
  ::execve(orders.arguments[0], orders.arguments, orders.environment);
  tell(orders.line, KeeperNews::CannotRun, errno);
  ::_exit(kExecFailed);
}

/// Until the program has ended, or nobody wants it any more.
void await_end(int program, int line) {
  std::array<pollfd, 2> watched{{{program, POLLIN, 0}, {line, POLLIN, 0}}};
  while (::poll(watched.data(), watched.size(), -1) < 0 && errno == EINTR) {
  }
}

void report_end(pid_t program, int line) {
  siginfo_t info{};
  // The zombie stays, so its number is not given to anybody else.
  if (::waitid(P_PID, static_cast<id_t>(program), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
      info.si_pid == program) {
    tell(line, info.si_code == CLD_EXITED ? KeeperNews::Exited : KeeperNews::Signalled,
         info.si_status);
  }
}

/// Ours only, and only we can reap them: none of the numbers can mean somebody else.
void kill_children() {
  const int list = ::open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
  std::array<char, 1024> text{};
  pid_t pid = 0;
  for (ssize_t size = 0; (size = ::read(list, text.data(), text.size())) > 0;) {
    for (const char c : std::span(text).first(static_cast<std::size_t>(size))) {
      if (c >= '0' && c <= '9') {
        pid = pid * 10 + (c - '0');
      } else if (pid > 0) {
        ::kill(pid, SIGKILL);
        pid = 0;
      }
    }
  }
  ::close(list);
}

/// A child that dies leaves its own children to us: so again, until there are none.
void end_all(pid_t program) {
  ::kill(-program, SIGKILL);
  do {
    kill_children();
  } while (::waitpid(-1, nullptr, 0) > 0);
}

}  // namespace

void keep(const KeeperOrders& orders) {
  drop_descriptors(orders);
  default_signals();
  ::setsid();
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  int pidfd = -1;
  const pid_t program = copy_process(&pidfd);
  if (program == 0) {
    run_program(orders);
  }
  if (program < 0) {
    tell(orders.line, KeeperNews::CannotRun, errno);
    ::_exit(0);
  }
  ::close(orders.output);
  await_end(pidfd, orders.line);
  report_end(program, orders.line);
  end_all(program);
  ::_exit(0);
}

}  // namespace haguard::proxy
