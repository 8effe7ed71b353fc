#pragma once
// Port: the mode of this node as a file in the state directory, so that a drained node is drained
// after a restart and after a boot. A few bytes through the page cache: writing does not wait for
// the disk.

#include <string>

#include "supervisor/mode.h"

namespace haguard::supervisor {

class ModeFile {
 public:
  explicit ModeFile(const std::string& state_dir);

  /// Normal when there is no such file, or none that reads as a whole.
  [[nodiscard]] SavedMode read() const;
  /// Replaces the file as a whole. The error, or empty.
  [[nodiscard]] std::string write(Mode mode) const;

 private:
  std::string path_;
};

}  // namespace haguard::supervisor
