#pragma once
// Port: the content of a file as a digest, and by what it is seen, without reading, that a file is
// still the same.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include <sys/stat.h>

#include "proxy-bridge/reload_event.h"

namespace haguard::proxy {

/// An open file; closed at the end of its life.
class OpenFile {
 public:
  explicit OpenFile(int descriptor) : descriptor_(descriptor) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile();
  [[nodiscard]] int get() const { return descriptor_; }
  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

/// What stat(2) tells of a file, or of what its name links to.
struct FileStamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;  ///< of the inode (ctime): nobody can set it
  std::uint32_t mode = 0;       ///< with the type
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;

  bool operator==(const FileStamp&) const = default;
  [[nodiscard]] bool is_regular() const { return S_ISREG(mode); }
  [[nodiscard]] bool is_directory() const { return S_ISDIR(mode); }
  [[nodiscard]] WallClock changed_at() const;
};

/// "/etc/a: No such file or directory", for errno as it is now.
[[nodiscard]] std::string failure_of(const std::string& path);

struct FileFailure {
  std::string text;  ///< with the path
  int number = 0;    ///< errno, EFBIG beyond a limit, or 0
};

[[nodiscard]] std::variant<FileStamp, FileFailure> stamp_of(const std::string& path);

/// SHA-256 as 64 hexadecimal digits.
class Digest {
 public:
  Digest();
  ~Digest();
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;
  void add(std::string_view bytes);
  /// Once, at the end.
  [[nodiscard]] std::string hex();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

struct Content {
  FileStamp stamp;  ///< from before it was read
  std::string digest;
  std::string text;  ///< when it was asked for
};

enum class Keep : std::uint8_t { Digest, Text };

/// Reads a regular file of at most `limit` bytes; never waits for a writer as a FIFO would.
[[nodiscard]] std::variant<Content, FileFailure> read_content(const std::string& path,
                                                              std::size_t limit, Keep keep);

/// The largest file that is read.
constexpr std::size_t kLargestContent = std::size_t{64} << 20U;

}  // namespace haguard::proxy
