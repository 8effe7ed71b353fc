#include "proxy-bridge/content.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>
#include <nettle/sha2.h>

namespace haguard::proxy {
namespace {

constexpr std::size_t kPortion = std::size_t{64} << 10U;

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

FileStamp to_stamp(const struct stat& found) {
  FileStamp stamp;
  stamp.device = found.st_dev;
  stamp.inode = found.st_ino;
  stamp.size = static_cast<std::uint64_t>(found.st_size);
  stamp.modified_ns = nanoseconds(found.st_mtim);
  stamp.changed_ns = nanoseconds(found.st_ctim);
  stamp.mode = found.st_mode;
  stamp.uid = found.st_uid;
  stamp.gid = found.st_gid;
  return stamp;
}

FileFailure failed(const std::string& path) {
  const int number = errno;
  return {failure_of(path), number};
}

}  // namespace

OpenFile::~OpenFile() {
  if (is_open()) {
    ::close(descriptor_);
  }
}

WallClock FileStamp::changed_at() const {
  return WallClock(
      std::chrono::duration_cast<WallClock::duration>(std::chrono::nanoseconds(changed_ns)));
}

std::string failure_of(const std::string& path) {
  return path + ": " + std::generic_category().message(errno);
}

std::variant<FileStamp, FileFailure> stamp_of(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) {
    return failed(path);
  }
  return to_stamp(found);
}

struct Digest::Impl {
  sha256_ctx context{};
};

Digest::Digest() : impl_(std::make_unique<Impl>()) {
  sha256_init(&impl_->context);
}

Digest::~Digest() = default;

void Digest::add(std::string_view bytes) {
  sha256_update(&impl_->context, bytes.size(), reinterpret_cast<const std::uint8_t*>(bytes.data()));
}

std::string Digest::hex() {
  std::array<std::uint8_t, SHA256_DIGEST_SIZE> bytes{};
  sha256_digest(&impl_->context, bytes.size(), bytes.data());
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += fmt::format("{:02x}", byte);
  }
  return text;
}

std::variant<Content, FileFailure> read_content(const std::string& path, std::size_t limit,
                                                Keep keep) {
  const OpenFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat found {};
  if (!file.is_open() || ::fstat(file.get(), &found) != 0) {
    return failed(path);
  }
  Content content{to_stamp(found), {}, {}};
  if (!content.stamp.is_regular()) {
    return FileFailure{path + ": not a regular file"};
  }
  Digest digest;
  std::vector<char> portion(kPortion);
  for (std::size_t size = 0;;) {
    const auto got = ::read(file.get(), portion.data(), portion.size());
    if (got < 0 && errno != EINTR) {
      return failed(path);
    }
    if (got == 0) {
      break;
    }
    const std::string_view bytes(portion.data(), static_cast<std::size_t>(got < 0 ? 0 : got));
    size += bytes.size();
    if (size > limit) {
      return FileFailure{fmt::format("{}: larger than {} bytes", path, limit), EFBIG};
    }
    digest.add(bytes);
    if (keep == Keep::Text) {
      content.text += bytes;
    }
  }
  content.digest = digest.hex();
  return content;
}

}  // namespace haguard::proxy
