#include "proxy-bridge/durable_file.h"

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <system_error>
#include <unistd.h>
#include <vector>

#include <sys/stat.h>

#include "proxy-bridge/content.h"

namespace haguard::proxy {
namespace {

constexpr const char* kDraft = ".new";
constexpr std::size_t kPortion = std::size_t{64} << 10U;

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(written < 0 ? 0 : written));
  }
  return true;
}

/// Nobody else ever has it open: what a former attempt left is not used again.
int create(const std::string& path) {
  ::unlink(path.c_str());
  return ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

/// The digest of what was copied; none: errno tells.
std::optional<std::string> copy_bytes(int from, int to) {
  Digest digest;
  std::vector<char> portion(kPortion);
  while (true) {
    const auto got = ::read(from, portion.data(), portion.size());
    if (got == 0) {
      return digest.hex();
    }
    if (got < 0 && errno != EINTR) {
      return std::nullopt;
    }
    const std::string_view bytes(portion.data(), static_cast<std::size_t>(got < 0 ? 0 : got));
    digest.add(bytes);
    if (!write_all(to, bytes)) {
      return std::nullopt;
    }
  }
}

/// The mode first: once the file is somebody else's, only they may set it.
bool set_owner(int descriptor, const KeptFile& target) {
  struct stat now {};
  if (::fchmod(descriptor, target.mode & 07777U) != 0 || ::fstat(descriptor, &now) != 0) {
    return false;
  }
  return (now.st_uid == target.uid && now.st_gid == target.gid) ||
         ::fchown(descriptor, target.uid, target.gid) == 0;
}

std::string fill(const std::string& source, const KeptFile& target, int to) {
  const OpenFile from(::open(source.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!from.is_open()) {
    return failure_of(source);
  }
  const auto digest = copy_bytes(from.get(), to);
  if (!digest) {
    return failure_of(target.path);
  }
  if (*digest != target.digest) {
    return source + ": the content is not what it was";
  }
  return set_owner(to, target) && ::fsync(to) == 0 ? std::string() : failure_of(target.path);
}

}  // namespace

std::string write_durably(const std::string& path, std::string_view text) {
  const std::string draft = path + kDraft;
  const OpenFile file(create(draft));
  if (!file.is_open()) {
    return failure_of(draft);
  }
  if (!write_all(file.get(), text) || ::fsync(file.get()) != 0 ||
      std::rename(draft.c_str(), path.c_str()) != 0) {
    std::string failure = failure_of(path);
    ::unlink(draft.c_str());
    return failure;
  }
  sync_directory_of(path);
  return {};
}

void remove_drafts(const std::string& directory) {
  std::error_code failure;
  std::filesystem::directory_iterator entry(directory, failure);
  for (; !failure && entry != std::filesystem::directory_iterator(); entry.increment(failure)) {
    if (entry->path().native().ends_with(kDraft)) {
      ::unlink(entry->path().c_str());
    }
  }
}

std::string copy_durably(const std::string& source, const KeptFile& target) {
  const OpenFile file(create(target.path));
  if (!file.is_open()) {
    return failure_of(target.path);
  }
  std::string failure = fill(source, target, file.get());
  if (!failure.empty()) {
    ::unlink(target.path.c_str());
  }
  return failure;
}

void sync_directory_of(const std::string& path) {
  const std::string directory = std::filesystem::path(path).parent_path().string();
  const OpenFile file(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (file.is_open()) {
    ::fsync(file.get());
  }
}

std::string make_private_directory(const std::string& path) {
  std::error_code failure;
  const std::filesystem::path above = std::filesystem::path(path).parent_path();
  std::filesystem::create_directories(above, failure);
  if (failure) {
    return above.string() + ": " + failure.message();
  }
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return failure_of(path);
  }
  return {};
}

}  // namespace haguard::proxy
