#pragma once
// What the prober was asked to do. Throws Usage with a sentence for people when it cannot be told.

#include <chrono>
#include <stdexcept>
#include <string>

#include <sys/socket.h>

namespace haguard::bench {

using Microseconds = std::chrono::microseconds;

struct Options {
  sockaddr_storage target{};  ///< of either family
  socklen_t target_size = 0;
  Microseconds interval = std::chrono::milliseconds(5);
  Microseconds duration = std::chrono::seconds(10);
  Microseconds timeout = std::chrono::seconds(2);
  std::string output;
};

class Usage : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

[[nodiscard]] Options parse(int argc, char** argv);

}  // namespace haguard::bench
