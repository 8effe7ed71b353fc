#include "proxy-bridge/directory_watch.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <sys/inotify.h>

namespace haguard::proxy {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kNames = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;
constexpr std::uint32_t kSelf = IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_Q_OVERFLOW;
constexpr std::uint32_t kWatched =
    kNames | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

}  // namespace

DirectoryWatch::DirectoryWatch() : inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

void DirectoryWatch::follow(const std::vector<std::string>& names) {
  names_.clear();
  directories_.clear();
  whole_.clear();
  for (const std::string& name : names) {
    std::error_code failure;
    for (const fs::path& path : {fs::path(name), fs::weakly_canonical(name, failure)}) {
      if (path.empty()) {
        continue;
      }
      names_.insert(path.string());
      directories_.insert(path.parent_path().string());
      if (fs::is_directory(path, failure)) {
        directories_.insert(path.string());
        whole_.insert(path.string());
      }
    }
  }
  renew();
}

void DirectoryWatch::renew() {
  auto former = std::exchange(watches_, {});
  for (const std::string& directory : directories_) {
    const int watch = ::inotify_add_watch(inotify_.get(), directory.c_str(), kWatched);
    if (watch >= 0) {
      watches_[watch].push_back(directory);
    }
  }
  for (const auto& [watch, directories] : former) {
    if (!watches_.contains(watch)) {
      ::inotify_rm_watch(inotify_.get(), watch);
    }
  }
}

bool DirectoryWatch::counts(int watch, std::uint32_t mask, const std::string& name) const {
  if ((mask & kSelf) != 0) {
    return true;
  }
  const auto found = watches_.find(watch);
  return found != watches_.end() &&
         std::ranges::any_of(found->second, [&](const std::string& directory) {
           return ((mask & kNames) != 0 && whole_.contains(directory)) ||
                  names_.contains((fs::path(directory) / name).string());
         });
}

bool DirectoryWatch::drain() {
  bool any = false;
  alignas(inotify_event) std::array<char, 16384> buffer{};
  while (true) {
    const auto got = ::read(inotify_.get(), buffer.data(), buffer.size());
    if (got <= 0) {
      return any;
    }
    for (std::size_t at = 0; at + sizeof(inotify_event) <= static_cast<std::size_t>(got);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      // The name is padded with zeros.
      const std::string name = event.len == 0 ? "" : buffer.data() + at + sizeof event;
      any = counts(event.wd, event.mask, name) || any;
      at += sizeof event + event.len;
    }
  }
}

}  // namespace haguard::proxy
