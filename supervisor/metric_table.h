#pragma once
// THE table of metrics: names, types, help texts and labels stand here and nowhere else.

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
  ConfigHash,
  ConfigReloads,
  Drained,
  State,
  Priority,
  Transitions,
  Sent,
  Received,
  Rejected,
  ActiveRouter,
  AddressesHeld,
  HeldDown,
  Conflicts,
  Restored,
  Lateness,
  LoopStall,
  CheckStatus,
  CheckDuration,
  CheckTransitions,
  HaproxyUp,
  HaproxyOldWorkers,
  HaproxyWarning,
  HaproxyInSync,
  Reloads,
  ReloadDuration,
  Step,
  LogDropped,  ///< the last one
};

[[nodiscard]] std::span<const MetricRow> metric_table();
[[nodiscard]] const MetricRow& row(Metric metric);

}  // namespace haguard::supervisor
