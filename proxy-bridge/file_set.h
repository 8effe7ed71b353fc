#pragma once
// Port: all files that HAProxy reads when it starts, as values. Knows the files of the command line
// and what they name, and reads only what has changed since the last look.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy-bridge/configuration_files.h"
#include "proxy-bridge/content.h"
#include "proxy-bridge/reload_event.h"

namespace haguard::proxy {

struct KeptFile {
  std::string path;
  std::string digest;  ///< SHA-256 of the content
  std::uint32_t mode = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;

  bool operator==(const KeptFile&) const = default;
};

enum class LoadedKind : std::uint8_t { Configuration, Certificates };

/// A directory of which HAProxy loads whatever fits: a file more in it is a change.
struct LoadedDirectory {
  std::string path;
  LoadedKind kind = LoadedKind::Configuration;

  bool operator==(const LoadedDirectory&) const = default;
};

/// The regular files in it that HAProxy loads, sorted. At most 20001; `failure` tells when not all
/// could be listed.
[[nodiscard]] std::vector<std::string> loaded_files_in(const LoadedDirectory& directory,
                                                       std::error_code& failure);

struct FileSet {
  Survey survey;
  std::vector<KeptFile> files;  ///< sorted by path
  std::vector<LoadedDirectory> directories;
  /// Everything a change of which is a change of the set, also names that do not exist.
  std::vector<std::string> watched;
};

class FileSurveyor {
 public:
  /// Reads at most 20000 files, 64 MiB of each and 1 GiB in all (of which 64 MiB of -f); what is
  /// beyond is a flaw.
  const FileSet& look(const ConfigurationSources& sources);

  /// False for a moment after a change: another one may have come within the same tick of the
  /// file system's clock, so it is worth another look.
  [[nodiscard]] bool is_settled() const { return settled_; }

  /// How many files were read, and how often not everything was as it had been, ever.
  [[nodiscard]] std::uint64_t reads() const { return reads_; }
  [[nodiscard]] std::uint64_t passes() const { return passes_; }

 private:
  friend class FilePass;
  struct Known {
    FileStamp stamp;
    std::string digest;
    bool settled = false;
  };

  [[nodiscard]] bool has_changed() const;

  ConfigurationSources sources_;
  std::optional<FileSet> last_;
  std::map<std::string, Known> known_;                        ///< contents by path
  std::map<std::string, std::optional<FileStamp>> observed_;  ///< none: it did not exist
  bool settled_ = true;
  std::uint64_t reads_ = 0;
  std::uint64_t passes_ = 0;
};

}  // namespace haguard::proxy
