#pragma once
// Whether a file exists, asked without ever blocking the loop: a file system of a dead server makes
// every look at it wait, and no system call with a deadline or a notice on completion exists for
// that. So one thread looks, for all checks of files in turn. While it is stuck, they all run into
// their timeouts and fail.

#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "health/running_probe.h"

namespace haguard::health {

class FileProbes {
 public:
  /// The outcomes come in handlers of `io`.
  explicit FileProbes(boost::asio::io_context& io);
  /// Does not wait for a look that is stuck: its thread is left to itself, and ends with the
  /// process.
  ~FileProbes();

  /// Fails while something of that name exists, also a symbolic link to nothing, and when that
  /// cannot be found out; passes when it is missing from a directory that is there.
  [[nodiscard]] std::unique_ptr<RunningProbe> start(const std::string& path, OnOutcome on_outcome);

 private:
  class Worker;
  std::shared_ptr<Worker> worker_;
};

/// The outcome for `path`; blocks for as long as the file system likes.
[[nodiscard]] Outcome look_up(const std::string& path);

}  // namespace haguard::health
