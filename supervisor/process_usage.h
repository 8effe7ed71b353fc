#pragma once
// Port: what the daemon uses of the machine, as /proc/self tells (proc(5)). Reading takes a dozen
// system calls: for the thread that serves a scrape, not for the protocol loop.

#include <cstdint>

namespace haguard::supervisor {

/// A value that could not be read is zero.
struct ProcessUsage {
  double cpu_seconds = 0;  ///< all threads, in user and kernel mode
  std::uint64_t resident_bytes = 0;
  std::uint64_t open_descriptors = 0;
  std::uint64_t max_descriptors = 0;
  double start_seconds = 0;  ///< since 1970, to the second
};

[[nodiscard]] ProcessUsage process_usage();

}  // namespace haguard::supervisor
