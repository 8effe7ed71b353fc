#pragma once
// Reads small files whole: the configuration and the secrets it names.

#include <cstddef>
#include <filesystem>
#include <string>
#include <variant>

namespace haguard::conf {

struct FileContent {
  std::string text;
  std::filesystem::perms permissions = std::filesystem::perms::none;
};

/// Why a file could not be read: "Permission denied".
struct FileError {
  std::string reason;
};

/// Reads regular files only, so it never blocks, and never more than `limit` bytes.
[[nodiscard]] std::variant<FileContent, FileError> read_file(const std::filesystem::path& path,
                                                             std::size_t limit);

}  // namespace haguard::conf
