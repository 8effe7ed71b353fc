#include "conf/file.h"

#include <cerrno>
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

}  // namespace haguard::conf
