#pragma once
// A probe that is under way, of whatever kind. Destroying it cancels: then no outcome comes, and
// nothing of it is left behind.

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "conf/config.h"

namespace haguard::health {

struct Outcome {
  bool passed = false;
  std::string detail;  ///< why it failed: "connect 127.0.0.1:8080: connection refused"
};

/// At most once per probe, and never from within the call that starts it.
using OnOutcome = std::function<void(Outcome)>;

class RunningProbe {
 public:
  RunningProbe() = default;
  RunningProbe(const RunningProbe&) = delete;
  RunningProbe& operator=(const RunningProbe&) = delete;
  virtual ~RunningProbe() = default;
};

/// Connects and closes (with RST, so that probes leave no TIME_WAIT behind), with send_proxy after
/// a PROXY header.
[[nodiscard]] std::unique_ptr<RunningProbe> start_tcp_probe(boost::asio::io_context& io,
                                                            const conf::Check& settings,
                                                            OnOutcome on_outcome);

/// Sends one request and judges the status of the answer; closes likewise.
[[nodiscard]] std::unique_ptr<RunningProbe> start_http_probe(boost::asio::io_context& io,
                                                             const conf::Check& settings,
                                                             OnOutcome on_outcome);

/// Runs the command and passes when it exits with 0: "exit 2: no such host", "signal 9", "cannot
/// run: no such file or directory". Destroying it kills whatever it has started.
[[nodiscard]] std::unique_ptr<RunningProbe> start_exec_probe(boost::asio::io_context& io,
                                                             const conf::Check& settings,
                                                             OnOutcome on_outcome);

/// Asks by ARP or neighbor solicitation who has the gateway's address, on the interface with the
/// network that it is in. Silence is left to the schedule's timeout.
[[nodiscard]] std::unique_ptr<RunningProbe> start_gateway_probe(boost::asio::io_context& io,
                                                                const conf::Check& settings,
                                                                OnOutcome on_outcome);

}  // namespace haguard::health
