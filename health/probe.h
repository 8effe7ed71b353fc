#pragma once
// Port: probes that leave the process. One running probe per check at most; the schedule gives the
// deadline and cancels.

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "conf/config.h"

namespace haguard::health {

struct ProbeResult {
  std::size_t check = 0;  ///< index in Config::checks
  bool passed = false;
  std::string detail;  ///< why it failed: "connect 127.0.0.1:8080: connection refused"
};

class Probes {
 public:
  using OnResult = std::function<void(ProbeResult)>;

  Probes(boost::asio::io_context& io, OnResult on_result);
  ~Probes();

  /// Of the kind that the check's type names. One that still runs is cancelled.
  void start(std::size_t check, const conf::Check& settings);
  /// No result will come for it.
  void cancel(std::size_t check);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace haguard::health
