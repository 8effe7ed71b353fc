#include "supervisor/process_usage.h"

#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <unistd.h>

#include <sys/resource.h>

namespace haguard::supervisor {
namespace {

/// Of /proc/self/stat, by the numbers of proc(5).
constexpr int kFieldAfterName = 3;
constexpr int kUserTicks = 14;
constexpr int kKernelTicks = 15;
constexpr int kStartTicks = 22;
constexpr int kResidentPages = 24;

/// Seconds since 1970; zero: not known.
double boot_time() {
  std::ifstream stat("/proc/stat");
  for (std::string word; stat >> word;) {
    if (word == "btime") {
      double seconds = 0;
      stat >> seconds;
      return seconds;
    }
    stat.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return 0;
}

void read_stat(ProcessUsage& usage) {
  std::string text;
  std::getline(std::ifstream("/proc/self/stat"), text);
  // The name stands in brackets and may hold anything, brackets too.
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  const auto ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  std::string field;
  for (int number = kFieldAfterName; number <= kResidentPages && fields >> field; ++number) {
    if (number == kUserTicks || number == kKernelTicks) {
      usage.cpu_seconds += std::stod(field) / ticks_per_second;
    } else if (number == kStartTicks) {
      usage.start_seconds = boot_time() + std::stod(field) / ticks_per_second;
    } else if (number == kResidentPages) {
      usage.resident_bytes =
          static_cast<std::uint64_t>(std::stoul(field)) * static_cast<std::uint64_t>(getpagesize());
    }
  }
}

}  // namespace

ProcessUsage process_usage() {
  ProcessUsage usage;
  read_stat(usage);
  std::error_code error;
  for (std::filesystem::directory_iterator at("/proc/self/fd", error), end; !error && at != end;
       at.increment(error)) {
    ++usage.open_descriptors;
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    usage.max_descriptors = limit.rlim_cur;
  }
  return usage;
}

}  // namespace haguard::supervisor
