#pragma once
// Port: the named pipe that HAProxy prints into. Both ends of it are opened for reading and
// writing, so HAProxy neither waits nor gets SIGPIPE while no haguard runs, and one that is started
// again goes on reading. What does not fit meanwhile is lost (pipe(7), EAGAIN).

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

namespace haguard::proxy {

class LogPipe {
 public:
  using OnLine = std::function<void(std::string line)>;

  /// Makes <directory>/haproxy.log when it is not there. `on_line`: from a handler of the
  /// io_context or from catch_up(), with at most 16 KiB of lines in 10 ms.
  LogPipe(boost::asio::io_context& io, const std::string& directory, OnLine on_line);
  ~LogPipe();
  LogPipe(const LogPipe&) = delete;
  LogPipe& operator=(const LogPipe&) = delete;

  /// Why there is none: then /dev/null stands in for it. Empty: there is one.
  [[nodiscard]] const std::string& error() const;
  /// An end to write to, close-on-exec and non-blocking; the caller closes it. Negative: none.
  [[nodiscard]] int open_for_writing() const;
  /// Tells what has been printed up to now: 64 KiB at most, which is all that fits.
  void catch_up();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace haguard::proxy
