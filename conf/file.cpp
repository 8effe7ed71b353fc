#include "conf/file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <fstream>
#include <glob.h>
#include <ios>
#include <memory>
#include <system_error>

#include <fmt/format.h>
#include <sys/auxv.h>
#include <sys/stat.h>

namespace haguard::conf {
namespace {

/// What glob(3) finds, freed with it.
class Matches {
 public:
  explicit Matches(const std::string& pattern)
      : answer_(::glob(pattern.c_str(), GLOB_BRACE, stop_at, &result_)) {}
  ~Matches() { ::globfree(&result_); }
  Matches(const Matches&) = delete;
  Matches& operator=(const Matches&) = delete;

  [[nodiscard]] bool failed() const { return answer_ != 0 && answer_ != GLOB_NOMATCH; }
  [[nodiscard]] std::vector<std::string> paths() const {
    return answer_ == 0
               ? std::vector<std::string>(result_.gl_pathv, result_.gl_pathv + result_.gl_pathc)
               : std::vector<std::string>{};
  }

 private:
  /// A directory that is not there has no matches.
  static int stop_at(const char* /*directory*/, int error) {
    return error == ENOENT || error == ENOTDIR ? 0 : 1;
  }

  glob_t result_{};
  int answer_;
};

constexpr mode_t kPermissions = 07777;
constexpr std::size_t kPortion = 16384;

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using OpenFile = std::unique_ptr<std::FILE, Close>;

/// Does not wait for the other end of a pipe, should one stand there by now.
OpenFile open_file(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  return OpenFile(descriptor >= 0 ? ::fdopen(descriptor, "rb") : nullptr);
}

}  // namespace

std::variant<std::vector<std::string>, FileError> find_files(const std::string& pattern) {
  const Matches matches(pattern);
  if (matches.failed()) {
    return FileError{"a directory cannot be read"};
  }
  auto paths = matches.paths();
  std::ranges::sort(paths);
  return paths;
}

bool is_private(const FileContent& content) {
  using std::filesystem::perms;
  const auto granted = [&content](perms rights) {
    return (content.permissions & rights) != perms::none;
  };
  const bool owned = content.owner == 0 || content.owner == ::getauxval(AT_EUID);
  return owned && !granted(perms::others_all) && (content.group == 0 || !granted(perms::group_all));
}

std::string access_of(const FileContent& content) {
  return fmt::format("belongs to uid {}, gid {} and has mode {:04o}", content.owner, content.group,
                     static_cast<unsigned>(content.permissions));
}

FileSource local_files() {
  return {find_files, read_file};
}

FileSource no_files() {
  return {[](const std::string& /*pattern*/) { return std::vector<std::string>{}; },
          [](const std::string& /*path*/, std::size_t /*limit*/) {
            return FileError{"no file is read here"};
          }};
}

std::variant<FileContent, FileError> read_file(const std::filesystem::path& path,
                                               std::size_t limit) {
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  if (failure) {
    return FileError{failure.message()};
  }
  if (!std::filesystem::is_regular_file(status)) {
    return FileError{"not a regular file"};
  }
  const OpenFile stream = open_file(path);
  if (!stream) {
    return FileError{std::generic_category().message(errno)};
  }
  struct stat opened {};
  if (::fstat(::fileno(stream.get()), &opened) != 0 || !S_ISREG(opened.st_mode)) {
    return FileError{"not a regular file"};
  }
  FileContent content{{},
                      static_cast<std::filesystem::perms>(opened.st_mode & kPermissions),
                      opened.st_uid,
                      opened.st_gid};
  // The limit is far above what files have, and memory of this size would stay with the process.
  std::array<char, kPortion> portion{};
  while (const std::size_t got = std::fread(portion.data(), 1, portion.size(), stream.get())) {
    content.text.append(portion.data(), got);
    if (content.text.size() > limit) {
      return FileError{fmt::format("larger than {} bytes", limit)};
    }
  }
  if (std::ferror(stream.get()) != 0) {
    return FileError{"cannot be read"};
  }
  return content;
}

std::string replace_file(const std::filesystem::path& path, std::string_view text) {
  std::filesystem::path draft = path;
  draft += ".new";
  std::ofstream stream(draft, std::ios::trunc | std::ios::binary);
  stream << text;
  stream.close();
  if (!stream || std::rename(draft.c_str(), path.c_str()) != 0) {
    return fmt::format("{}: {}", path.string(), std::generic_category().message(errno));
  }
  return {};
}

}  // namespace haguard::conf
