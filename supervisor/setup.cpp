#include "supervisor/setup.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <sched.h>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

namespace haguard::supervisor {
namespace {

std::string error_text(int error) {
  return std::system_category().message(error);
}

}  // namespace

std::vector<std::string> missing_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> data{};
  syscall(SYS_capget, &header, data.data());
  std::vector<std::string> missing;
  for (const auto& [number, name] :
       {std::pair{CAP_NET_ADMIN, "CAP_NET_ADMIN"}, std::pair{CAP_NET_RAW, "CAP_NET_RAW"}}) {
    const auto word = static_cast<std::size_t>(CAP_TO_INDEX(number));
    if ((data.at(word).effective & CAP_TO_MASK(number)) == 0) {
      missing.emplace_back(name);
    }
  }
  return missing;
}

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
  if (settings.lock_memory && mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0) {
    refused.push_back(fmt::format(
        "process.lock_memory: {}; paging may delay advertisements (LimitMEMLOCK=infinity helps)",
        error_text(errno)));
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
