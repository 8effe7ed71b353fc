#pragma once
// The metrics of metric_table.h with their values. Counters and histograms are fed on the protocol
// loop, without allocation and without a lock that a scrape could hold; gauges are made from a
// published snapshot when somebody asks.

#include <memory>
#include <string>

#include "conf/units.h"
#include "supervisor/event.h"
#include "supervisor/log.h"
#include "supervisor/message_table.h"
#include "supervisor/process_usage.h"
#include "supervisor/status.h"

namespace haguard::supervisor {

class Metrics {
 public:
  /// The first snapshot names what is to be counted: routers and checks in the order of their ids.
  explicit Metrics(const Status& first);
  ~Metrics();

  /// Counts for the routers and checks of another snapshot. Those that are gone lose their series
  /// with the next call, those with another name at once.
  void follow(const Status& status);

  void count(const Notice& notice);
  /// HookDone, HookFailed or HookKilled.
  void hook_ended(MessageId how);
  /// How long after its time a deadline was acted upon.
  void loop_stall(Duration late);

  /// The Prometheus text format. From any thread.
  [[nodiscard]] std::string render(const Status& status, const LogCounts& log,
                                   const ProcessUsage& process) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace haguard::supervisor
