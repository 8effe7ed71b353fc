#pragma once
// Port: a hint from the kernel (inotify(7)) that files may have changed. Only a hint: links in the
// middle of a path, network file systems and a full queue or table of watches escape it, so whoever
// uses it looks now and then by himself.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "proxy-bridge/content.h"

namespace haguard::proxy {

class DirectoryWatch {
 public:
  DirectoryWatch();

  /// Readable when something has happened; -1 when the kernel has no watches left.
  [[nodiscard]] int descriptor() const { return inotify_.get(); }

  /// The names whose changes count from now on: files, also missing ones, and directories, in which
  /// every name counts. Their directories are watched, and those of what they link to.
  void follow(const std::vector<std::string>& names);

  /// Watches again what was moved away or made anew under its name. Call it now and then.
  void renew();

  /// Reads what the kernel has noted; whether any of it counts.
  [[nodiscard]] bool drain();

 private:
  [[nodiscard]] bool counts(int watch, std::uint32_t mask, const std::string& name) const;

  OpenFile inotify_;
  std::set<std::string> names_;
  std::set<std::string> directories_;                ///< to be watched
  std::set<std::string> whole_;                      ///< those of which every name counts
  std::map<int, std::vector<std::string>> watches_;  ///< one directory may have many names
};

}  // namespace haguard::proxy
