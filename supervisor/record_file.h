#pragma once
// Port: the record of what this daemon holds, as a file in the runtime directory (on tmpfs, so
// writing it does not block).

#include <string>
#include <vector>

#include "supervisor/record.h"

namespace haguard::supervisor {

class RecordFile {
 public:
  explicit RecordFile(const std::string& runtime_dir);

  /// What a daemon of this boot wrote last; nothing when there is no such record, or none that
  /// reads as a whole.
  [[nodiscard]] std::vector<RecordedRouter> read() const;
  /// Replaces the file as a whole. The error, or empty.
  [[nodiscard]] std::string write(const std::vector<RecordedRouter>& routers) const;

 private:
  std::string path_;
  std::string boot_id_;
};

}  // namespace haguard::supervisor
