#include "supervisor/setup.h"

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <sched.h>
#include <system_error>

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "supervisor/privileges.h"

namespace haguard::supervisor {
namespace {

std::string error_text(int error) {
  return std::system_category().message(error);
}

/// Zero, or an error. Under a limit it could succeed now, and later a stack or a buffer that counts
/// as locked memory would be refused.
int lock_memory() {
  rlimit limit{};
  const bool unlimited = getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY;
  if (!unlimited && !may_lock_memory()) {
    return ENOMEM;
  }
  return mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0 ? 0 : errno;
}

}  // namespace

void prepare_process(const conf::Process& settings) {
  std::signal(SIGPIPE, SIG_IGN);
  const std::filesystem::path directory = settings.runtime_dir;
  std::error_code error;
  if (std::filesystem::create_directories(directory, error)) {
    std::filesystem::permissions(directory, std::filesystem::perms(0755), error);
  }
  if (error) {
    throw std::runtime_error(fmt::format("process.runtime_dir: cannot create {}: {}",
                                         directory.string(), error.message()));
  }
  // Files are private from the start; those that others may use are opened up by name.
  umask(0077);
}

std::vector<std::string> claim_resources(const conf::Process& settings) {
  std::vector<std::string> refused;
  if (const int error = settings.lock_memory ? lock_memory() : 0; error != 0) {
    refused.push_back(fmt::format(
        "process.lock_memory: {}; paging may delay advertisements (LimitMEMLOCK=infinity helps)",
        error_text(error)));
  }
  if (settings.realtime_priority > 0) {
    const sched_param priority{.sched_priority = settings.realtime_priority};
    if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &priority) != 0) {
      refused.push_back(fmt::format("process.realtime_priority: {}", error_text(errno)));
    }
  }
  return refused;
}

}  // namespace haguard::supervisor
