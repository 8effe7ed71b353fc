#pragma once
// Small files, read and written as a whole.

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
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

/// Writes beside it and renames, so that nobody sees half of it; through the page cache, so without
/// a wait for the disk. The error with the path, or empty.
[[nodiscard]] std::string replace_file(const std::filesystem::path& path, std::string_view text);

}  // namespace haguard::conf
