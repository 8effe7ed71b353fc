#include "supervisor/control_access.h"

#include <algorithm>
#include <grp.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <sys/socket.h>

#include "conf/report.h"

namespace haguard::supervisor {
namespace {

/// NGROUPS_MAX of the kernel.
constexpr std::size_t kMostGroups = 65536;

std::string name_of(const Asker& asker, const std::string& command) {
  return fmt::format("{} for uid {} (pid {})", conf::in_quotes(command), asker.user, asker.process);
}

/// The supplementary groups; none when the kernel does not tell.
std::vector<gid_t> groups_at(int socket) {
  std::vector<gid_t> groups(kMostGroups);
  auto size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
  if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) != 0) {
    return {};
  }
  groups.resize(size / sizeof(gid_t));
  return groups;
}

}  // namespace

ControlAccess::ControlAccess(std::optional<gid_t> admins, Say say)
    : admins_(admins), say_(std::move(say)) {}

Asker ControlAccess::asker_at(int socket) const {
  ucred credentials{};
  socklen_t size = sizeof(credentials);
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
    return {};
  }
  const bool may_change =
      credentials.uid == 0 || credentials.uid == geteuid() || is_admin(socket, credentials.gid);
  return {credentials.uid, credentials.pid, may_change};
}

bool ControlAccess::is_admin(int socket, gid_t primary) const {
  if (!admins_) {
    return false;
  }
  const auto groups = groups_at(socket);
  return primary == *admins_ || std::ranges::find(groups, *admins_) != groups.end();
}

bool ControlAccess::grants(const Asker& asker, const std::string& command, Clock::time_point now) {
  if (!asker.may_change) {
    tell_refusal(asker, command, now);
  } else {
    say_(MessageId::CommandGiven, "control socket: " + name_of(asker, command));
  }
  return asker.may_change;
}

void ControlAccess::tell_refusal(const Asker& asker, const std::string& command,
                                 Clock::time_point now) {
  if (told_ && now - *told_ < kSilence) {
    ++untold_;
    return;
  }
  told_ = now;
  std::string text = "control socket: refused " + name_of(asker, command);
  if (const std::size_t untold = std::exchange(untold_, 0); untold > 0) {
    text += fmt::format(", and {} more since the last such line", untold);
  }
  say_(MessageId::CommandRefused, text);
}

std::optional<gid_t> group_id(const char* name) {
  const group* entry = getgrnam(name);
  return entry != nullptr ? std::optional(entry->gr_gid) : std::nullopt;
}

}  // namespace haguard::supervisor
