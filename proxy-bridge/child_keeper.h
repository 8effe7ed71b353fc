#pragma once
// What runs between the daemon and a program of the user: the keeper, a copy of the daemon that
// never executes anything else. It is the reaper of all that the program leaves behind (prctl(2),
// PR_SET_CHILD_SUBREAPER), so it can end exactly that, however often it forked or changed its
// session, and it does so also when the daemon is no more.

#include <cstdint>
#include <optional>
#include <vector>

#include <sys/types.h>

namespace haguard::proxy {

/// Prepared before the copy is made: a copy of a process with threads may allocate nothing.
struct KeeperOrders {
  char* const* arguments = nullptr;    ///< ends with a null pointer; the first one is the path
  char* const* environment = nullptr;  ///< the same, "NAME=value"
  struct Identity {
    uid_t user = 0;
    gid_t group = 0;
    std::vector<gid_t> groups;
  };
  std::optional<Identity> identity;  ///< none: as the daemon
  const char* directory = "/";
  int nice = 0;
  int output = -1;  ///< stdout and stderr of the program
  /// Keeper's end of a pair of SOCK_SEQPACKET sockets, close-on-exec. It sends one KeeperReport, of
  /// which the first counts; when its peer is closed the program is to be killed.
  int line = -1;
};

enum class KeeperNews : std::uint8_t {
  Exited,
  Signalled,
  CannotRun,
  CannotEnterDirectory,
  CannotBecomeUser
};

struct KeeperReport {
  KeeperNews news = KeeperNews::Exited;
  std::int32_t value = 0;  ///< exit code, signal or errno
};

/// For a fresh copy of the daemon in which all signals are blocked. Async-signal-safe throughout.
[[noreturn]] void keep(const KeeperOrders& orders);

}  // namespace haguard::proxy
