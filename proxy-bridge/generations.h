#pragma once
// Port: proven configurations, kept in the state directory, and the way back to them. In
// <directory>: blobs/<sha256> (contents), generations/<id>.json, staged.json, restore.json; all of
// it for root only, since private keys are among the contents. Each file is replaced in one step.
// Everything here blocks: it is called on the thread of `Files`.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proxy-bridge/file_set.h"
#include "proxy-bridge/generation_record.h"
#include "proxy-bridge/reload_event.h"

namespace haguard::proxy {

/// An operation that has an error has changed nothing, unless it says so.
class Generations {
 public:
  struct Loaded {
    unsigned completed_restore = 0;  ///< 0: none was cut off
    std::string error;               ///< the first thing that could not be read or completed
  };
  struct Restored {
    std::vector<std::string> rejected;
    std::string error;
  };

  /// `most`: generations kept, at least 1. Touches nothing yet.
  Generations(std::string directory, unsigned most);

  /// First of all; completes or takes back a restoration that was cut off.
  [[nodiscard]] Loaded load(WallClock now);
  /// Oldest first.
  [[nodiscard]] std::vector<Generation> list() const;

  /// Copies the files, which must still be as in the set.
  [[nodiscard]] std::string stage(const FileSet& set, WallClock now);
  /// The staged set becomes the newest generation, unless the newest one has the same files. An
  /// older one with the same files is dropped.
  [[nodiscard]] std::string keep_staged(const std::string& version);
  [[nodiscard]] Restored restore(unsigned id, WallClock now);
  [[nodiscard]] std::string undo_restore();

 private:
  [[nodiscard]] std::string path(const std::string& name) const { return directory_ + "/" + name; }
  [[nodiscard]] std::string generation_path(unsigned id) const;
  [[nodiscard]] std::string prepare_directories() const;
  void load_generations(std::string& error);
  [[nodiscard]] Loaded settle_restoration(WallClock now);
  [[nodiscard]] std::string resume(RestoreRecord record, WallClock now);
  [[nodiscard]] std::string run(RestoreRecord& record, const std::vector<RestoreStep>& fresh);
  [[nodiscard]] std::string store_blob(const KeptFile& file) const;
  [[nodiscard]] std::string write_record(const RestoreRecord& record) const;
  [[nodiscard]] const StoredGeneration* find(unsigned id) const;
  void drop_twins_of(const StoredGeneration& next);
  void drop_surplus();
  void collect_garbage() const;

  std::string directory_;
  unsigned most_;
  std::vector<StoredGeneration> generations_;  ///< oldest first
  std::optional<StoredGeneration> staged_;
  unsigned last_id_ = 0;
  bool complete_ = true;  ///< false when something could not be read: then no blob is removed
};

}  // namespace haguard::proxy
