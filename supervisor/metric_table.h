#pragma once
// THE table of metrics: names, types, help texts and labels stand here and nowhere else in the
// code. docs/metrics.md says what to look for, and a test holds it to this table.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace haguard::supervisor {

enum class MetricType : std::uint8_t { Counter, Gauge, Histogram };

/// One row of the table.
struct MetricRow {
  const char* name;
  MetricType type;
  const char* help;
  std::array<const char*, 3> labels;  ///< nullptr after the last one
};

/// Names a row of the table.
enum class Metric : std::size_t {
  BuildInfo,
  Snapshot,
  Ready,
  ConfigHash,
  ConfigReloads,
  Drained,
  State,
  Priority,
  Transitions,
  LastTransition,
  Sent,
  Received,
  Rejected,
  ActiveRouter,
  PeerPriority,
  PeerHeard,
  AddressesHeld,
  HeldDown,
  Conflicts,
  Restored,
  Lateness,
  LoopStall,
  CheckStatus,
  CheckDuration,
  CheckTransitions,
  Hooks,
  HaproxyUp,
  HaproxyStarts,
  HaproxyOldWorkers,
  HaproxyWarning,
  HaproxyInSync,
  Reloads,
  ReloadDuration,
  Step,
  LogMessages,
  LogDropped,
  ProcessCpu,
  ProcessMemory,
  ProcessDescriptors,
  ProcessMaxDescriptors,
  ProcessStart,  ///< the last one
};

[[nodiscard]] std::span<const MetricRow> metric_table();
[[nodiscard]] const MetricRow& row(Metric metric);

}  // namespace haguard::supervisor
