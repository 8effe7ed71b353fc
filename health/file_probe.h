#pragma once
// Whether a file exists, asked without ever blocking the loop: a file system of a dead server makes
// every look at it wait, and no system call with a deadline or a notice on completion exists for
// that. So one thread looks, for all checks of files in turn. While it is stuck, they all run into
// their timeouts and fail.

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "health/running_probe.h"

namespace haguard::health {

/// The outcome for a path; blocks for as long as the file system likes. Fails while something of
/// that name exists, also a symbolic link to nothing, and when that cannot be found out; passes
/// when it is missing from a directory that is there.
[[nodiscard]] Outcome look_up(const std::string& path);

class FileProbes {
 public:
  using Look = std::function<Outcome(const std::string& path)>;

  /// The outcomes come in handlers of `io`. `look` runs on the thread.
  explicit FileProbes(boost::asio::io_context& io, Look look = look_up);
  FileProbes(const FileProbes&) = delete;
  FileProbes& operator=(const FileProbes&) = delete;
  /// Does not wait for a look that is stuck: its thread is left to itself, and ends with the
  /// process.
  ~FileProbes();

  [[nodiscard]] std::unique_ptr<RunningProbe> start(const std::string& path, OnOutcome on_outcome);

 private:
  class Worker;
  std::shared_ptr<Worker> worker_;
};

}  // namespace haguard::health
