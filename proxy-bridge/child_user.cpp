#include "proxy-bridge/child_user.h"

#include <array>
#include <cstdio>
#include <grp.h>
#include <memory>
#include <pwd.h>
#include <string_view>

namespace haguard::proxy {
namespace {

/// A group may have many members.
constexpr std::size_t kLongestLine = 64 * 1024;

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

bool has_member(const group& entry, std::string_view name) {
  for (char** member = entry.gr_mem; *member != nullptr; ++member) {
    if (*member == name) {
      return true;
    }
  }
  return false;
}

void add_groups(const std::string& name, KeeperOrders::Identity& identity) {
  const File file(std::fopen("/etc/group", "re"));
  std::string line(kLongestLine, '\0');
  group entry{};
  group* found = nullptr;
  while (file && ::fgetgrent_r(file.get(), &entry, line.data(), line.size(), &found) == 0) {
    if (entry.gr_gid != identity.group && has_member(entry, name)) {
      identity.groups.push_back(entry.gr_gid);
    }
  }
}

}  // namespace

std::optional<KeeperOrders::Identity> find_user(const std::string& name) {
  const File file(std::fopen("/etc/passwd", "re"));
  std::array<char, 4096> line{};
  passwd entry{};
  passwd* found = nullptr;
  while (file && ::fgetpwent_r(file.get(), &entry, line.data(), line.size(), &found) == 0) {
    if (entry.pw_name == name) {
      KeeperOrders::Identity identity{entry.pw_uid, entry.pw_gid, {entry.pw_gid}};
      add_groups(name, identity);
      return identity;
    }
  }
  return std::nullopt;
}

}  // namespace haguard::proxy
