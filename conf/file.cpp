#include "conf/file.h"

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <ios>
#include <system_error>

#include <fmt/format.h>

namespace haguard::conf {

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
