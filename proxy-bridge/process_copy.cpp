#include "proxy-bridge/process_copy.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <sys/syscall.h>

namespace haguard::proxy {

pid_t copy_process(int* pidfd) {
  const unsigned long flags = SIGCHLD | (pidfd != nullptr ? CLONE_PIDFD : 0UL);
  return static_cast<pid_t>(::syscall(SYS_clone, flags, nullptr, pidfd, nullptr, 0UL));
}

void default_signals() {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) {
    ::sigaction(signal, &action, nullptr);
  }
}

void default_memory_score() {
  const int score = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (score >= 0) {
    // Refused where it was above that: whoever wanted it so shall have it.
    [[maybe_unused]] const auto written = ::write(score, "0", 1);
    ::close(score);
  }
}

void unblock_signals() {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (const std::string& text : texts) {
    result.push_back(const_cast<char*>(text.c_str()));  // execve(2) changes nothing
  }
  result.push_back(nullptr);
  return result;
}

SignalsBlocked::SignalsBlocked() {
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before_);
}

SignalsBlocked::~SignalsBlocked() {
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace haguard::proxy
