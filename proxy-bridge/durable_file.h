#pragma once
// Port: files that are there as a whole or not at all, also after the power has failed.

#include <string>
#include <string_view>

#include "proxy-bridge/file_set.h"

namespace haguard::proxy {

/// Replaces the file in one step, with mode 0600. The error with its path, or empty.
[[nodiscard]] std::string write_durably(const std::string& path, std::string_view text);

/// What a daemon that was killed in write_durably() has left in the directory.
void remove_drafts(const std::string& directory);

/// Copies `source` to the new file `target.path`, which gets content, owner and mode of `target`.
/// An error when the content is not that of `target.digest`, and then no file is left.
[[nodiscard]] std::string copy_durably(const std::string& source, const KeptFile& target);

/// Renames within one directory are on the disk after this. That some file systems cannot do it is
/// no error.
void sync_directory_of(const std::string& path);

/// A directory with mode 0700, and those above it, if they are missing.
[[nodiscard]] std::string make_private_directory(const std::string& path);

}  // namespace haguard::proxy
