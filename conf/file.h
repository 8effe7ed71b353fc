#pragma once
// Small files, found by pattern, read and written as a whole.

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <sys/types.h>

namespace haguard::conf {

/// Mode, owner and group are those of the file that was opened, whatever the path means meanwhile.
struct FileContent {
  std::string text;
  std::filesystem::perms permissions = std::filesystem::perms::none;
  uid_t owner = 0;
  gid_t group = 0;
};

/// Whether root and the user of this process are the only ones who can read it, or let others do
/// so: it belongs to one of them, and beside the owner at most group 0 has any right.
[[nodiscard]] bool is_private(const FileContent& content);
/// "belongs to uid 1000, gid 1000 and has mode 0640"
[[nodiscard]] std::string access_of(const FileContent& content);

/// Why a file could not be read: "Permission denied".
struct FileError {
  std::string reason;
};

/// Reads regular files only, so it never blocks, and never more than `limit` bytes.
[[nodiscard]] std::variant<FileContent, FileError> read_file(const std::filesystem::path& path,
                                                             std::size_t limit);

/// The paths that match a pattern of glob(7) with braces, sorted by name; none when there are none.
/// An error when a directory cannot be read.
[[nodiscard]] std::variant<std::vector<std::string>, FileError> find_files(
    const std::string& pattern);

/// Where files come from. Either may be called any number of times.
struct FileSource {
  std::function<std::variant<std::vector<std::string>, FileError>(const std::string& pattern)> find;
  std::function<std::variant<FileContent, FileError>(const std::string& path, std::size_t limit)>
      read;
};

/// find_files and read_file.
[[nodiscard]] FileSource local_files();
/// As if there were none, and the file system is not touched.
[[nodiscard]] FileSource no_files();

/// Writes beside it and renames, so that nobody sees half of it; through the page cache, so without
/// a wait for the disk. The error with the path, or empty.
[[nodiscard]] std::string replace_file(const std::filesystem::path& path, std::string_view text);

}  // namespace haguard::conf
