#pragma once
// Who may have what over the control socket. Whoever can connect may ask; what changes something is
// for root, for the user of the daemon and for the members of the group haguard-admin. The kernel
// vouches for who that is, as it was when he connected: unix(7), SO_PEERCRED and SO_PEERGROUPS.

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include <sys/types.h>

#include "supervisor/message_table.h"

namespace haguard::supervisor {

/// The process at the other end of a connection.
struct Asker {
  uid_t user = static_cast<uid_t>(-1);
  pid_t process = 0;  ///< it may have handed the connection to another one
  bool may_change = false;
};

class ControlAccess {
 public:
  using Clock = std::chrono::steady_clock;
  using Say = std::function<void(MessageId id, const std::string& message)>;
  static constexpr Clock::duration kSilence = std::chrono::seconds(10);

  /// `admins`: the group whose members may change things; none: there is no such group.
  ControlAccess(std::optional<gid_t> admins, Say say);

  /// At the other end of a connected UNIX socket. One of whom the kernel tells nothing may change
  /// nothing.
  [[nodiscard]] Asker asker_at(int socket) const;
  /// Whether a command that changes something is carried out for him. Says who had what done, and
  /// who was refused: that at most once in kSilence, as the refused are not trusted with our log.
  [[nodiscard]] bool grants(const Asker& asker, const std::string& command, Clock::time_point now);

 private:
  [[nodiscard]] bool is_admin(int socket, gid_t primary) const;
  void tell_refusal(const Asker& asker, const std::string& command, Clock::time_point now);

  std::optional<gid_t> admins_;
  Say say_;
  std::optional<Clock::time_point> told_;  ///< of a refusal
  std::size_t untold_ = 0;                 ///< refusals since
};

/// The gid of a group of this machine. Asks the name service, which may take its time: for the
/// start.
[[nodiscard]] std::optional<gid_t> group_id(const char* name);

}  // namespace haguard::supervisor
