#pragma once
// How a copy of the daemon begins that is to become another program: without its handlers of
// signals, and without what the C library does around fork(2). Used by whoever starts programs.

#include <csignal>
#include <string>
#include <vector>

#include <sys/types.h>

namespace haguard::proxy {

/// fork(2) without what the C library does around it, so that it is cheap and the result has not to
/// be released by locks; with a pidfd if wanted. The new process may make system calls only.
[[nodiscard]] pid_t copy_process(int* pidfd = nullptr);

/// For the copy: handlers of the daemon write into pipes that it shares with its copies.
/// Async-signal-safe.
void default_signals();

/// For the copy: the daemon may be the last that the kernel ends for want of memory (proc(5),
/// oom_score_adj); a program that grows must not be. Async-signal-safe.
void default_memory_score();

/// For the copy, last before execve(2). Async-signal-safe.
void unblock_signals();

/// As execve(2) wants them; valid as long as the texts are.
[[nodiscard]] std::vector<char*> pointers(const std::vector<std::string>& texts);

/// No handler of ours may run in the copy, where it would write into what both share.
class SignalsBlocked {
 public:
  SignalsBlocked();
  ~SignalsBlocked();
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace haguard::proxy
