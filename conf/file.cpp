#include "conf/file.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <glob.h>
#include <ios>
#include <system_error>

#include <fmt/format.h>

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
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    return FileError{std::generic_category().message(errno)};
  }
  FileContent content{std::string(limit + 1, '\0'), status.permissions()};
  stream.read(content.text.data(), static_cast<std::streamsize>(content.text.size()));
  if (stream.bad()) {
    return FileError{"cannot be read"};
  }
  content.text.resize(static_cast<std::size_t>(stream.gcount()));
  if (content.text.size() > limit) {
    return FileError{fmt::format("larger than {} bytes", limit)};
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
