#pragma once
// What is written down about generations and restorations: values and their JSON. The files are our
// own, but they may be damaged, so they are read with as little trust as any.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy-bridge/file_set.h"
#include "proxy-bridge/reload_event.h"

namespace haguard::proxy {

struct StoredGeneration {
  Generation about;  ///< id 0: staged, not proven yet
  std::vector<KeptFile> files;
  std::vector<LoadedDirectory> directories;
};

enum class StepKind : std::uint8_t {
  MakeDirectory,  ///< `path` was missing
  Replace,        ///< `path` becomes `file`; what stood there becomes `rejected`
  Create,         ///< `path` was missing
  SetAside,       ///< `path` becomes `rejected`: the generation does not have it
};

/// One change of a restoration. Each is done by one rename, and can be taken back by one.
struct RestoreStep {
  StepKind kind = StepKind::Replace;
  std::string path;  ///< behind symbolic links
  std::string draft;
  std::string rejected;
  KeptFile file;  ///< as the generation has it

  bool operator==(const RestoreStep&) const = default;
};

enum class RestoreState : std::uint8_t { Doing, Done, Undoing };

struct RestoreRecord {
  unsigned id = 0;
  RestoreState state = RestoreState::Doing;
  std::vector<RestoreStep> steps;
};

/// None when a path is not UTF-8, which JSON cannot hold.
[[nodiscard]] std::optional<std::string> to_text(const StoredGeneration& generation);
[[nodiscard]] std::optional<std::string> to_text(const RestoreRecord& record);

/// None when it is not what was written.
[[nodiscard]] std::optional<StoredGeneration> parse_generation(std::string_view text);
[[nodiscard]] std::optional<RestoreRecord> parse_restore_record(std::string_view text);

}  // namespace haguard::proxy
