#include "supervisor/privileges.h"

#include <algorithm>
#include <array>
#include <unistd.h>
#include <utility>

#include <cap-ng.h>

namespace haguard::supervisor {
namespace {

using Capabilities = std::vector<unsigned>;

/// CapabilityBoundingSet= of packaging/haguard.service.
const Capabilities kUnit{CAP_NET_ADMIN,       CAP_NET_RAW,      CAP_NET_BIND_SERVICE,
                         CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE, CAP_CHOWN,
                         CAP_IPC_LOCK,        CAP_SYS_NICE,     CAP_SETUID,
                         CAP_SETGID,          CAP_KILL};
/// What packaging/managed.conf adds.
const Capabilities kManaged{CAP_SYS_CHROOT, CAP_SYS_RESOURCE, CAP_FOWNER};

bool has(capng_type_t set, unsigned capability) {
  return capng_have_capability(set, capability) != 0;
}

Capabilities needed_by_programs(const conf::Haproxy& haproxy) {
  Capabilities all = kUnit;
  if (haproxy.mode == conf::HaproxyMode::Managed) {
    all.insert(all.end(), kManaged.begin(), kManaged.end());
  }
  return all;
}

/// CAP_SYS_NICE is for the start. CAP_IPC_LOCK is not: memory that comes later is locked as well.
/// CAP_SYS_PTRACE: the environment of a HAProxy that has more rights than we have; by the unit it
/// is not there, and there systemd knows that environment.
Capabilities needed_by_daemon(const conf::Haproxy& haproxy) {
  Capabilities all = kUnit;
  std::erase(all, CAP_SYS_NICE);
  if (haproxy.mode == conf::HaproxyMode::Attached) {
    all.push_back(CAP_SYS_PTRACE);
  }
  return all;
}

/// False when something is in the bounding set that should not be, and stays there.
bool cut_bounding_set(const Capabilities& wanted) {
  capng_get_caps_process();
  bool more = false;
  for (unsigned capability = 0; capability <= CAP_LAST_CAP; ++capability) {
    more = more || (has(CAPNG_BOUNDING_SET, capability) &&
                    std::ranges::find(wanted, capability) == wanted.end());
  }
  if (!more) {
    return true;
  }
  capng_clear(CAPNG_SELECT_BOUNDS);
  for (const unsigned capability : wanted) {
    capng_update(CAPNG_ADD, CAPNG_BOUNDING_SET, capability);
  }
  return capng_apply(CAPNG_SELECT_BOUNDS) == 0;
}

/// Ambient ones that are no longer permitted go by themselves.
bool cut_own_sets(const Capabilities& wanted) {
  constexpr std::array kSets{CAPNG_EFFECTIVE, CAPNG_PERMITTED, CAPNG_INHERITABLE};
  capng_get_caps_process();
  std::vector<std::pair<capng_type_t, unsigned>> kept;
  for (const unsigned capability : wanted) {
    for (const capng_type_t set : kSets) {
      if (has(set, capability)) {
        kept.emplace_back(set, capability);
      }
    }
  }
  capng_clear(CAPNG_SELECT_CAPS);
  for (const auto& [set, capability] : kept) {
    capng_update(CAPNG_ADD, set, capability);
  }
  return capng_apply(CAPNG_SELECT_CAPS) == 0;
}

}  // namespace

std::vector<std::string> missing_capabilities() {
  capng_get_caps_process();
  std::vector<std::string> missing;
  for (const auto& [capability, name] : {std::pair(unsigned{CAP_NET_ADMIN}, "CAP_NET_ADMIN"),
                                         std::pair(unsigned{CAP_NET_RAW}, "CAP_NET_RAW")}) {
    if (!has(CAPNG_EFFECTIVE, capability)) {
      missing.emplace_back(name);
    }
  }
  return missing;
}

bool may_lock_memory() {
  capng_get_caps_process();
  return has(CAPNG_EFFECTIVE, CAP_IPC_LOCK);
}

std::vector<std::string> drop_privileges(const conf::Haproxy& haproxy) {
  std::vector<std::string> kept;
  // Programs of another user than root get nothing by the bounding set.
  if (geteuid() == 0 && !cut_bounding_set(needed_by_programs(haproxy))) {
    kept.emplace_back(
        "capabilities: programs that haguard starts keep more than they need (CAP_SETPCAP is "
        "missing)");
  }
  if (!cut_own_sets(needed_by_daemon(haproxy))) {
    kept.emplace_back("capabilities: what is not needed cannot be given up");
  }
  return kept;
}

}  // namespace haguard::supervisor
