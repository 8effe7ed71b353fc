#pragma once
// THE table of log lines: each kind of line that the daemon writes has a name here, which is stable
// whatever becomes of the wording. Whoever filters or alerts on the log should match the name;
// docs/messages.md says of each what happened and what to do.

#include <cstddef>
#include <span>

#include "conf/config.h"

namespace haguard::supervisor {

/// Names a row of the table.
enum class MessageId : std::size_t {
  Started,
  Stopping,
  Stopped,
  ConfigurationWarning,
  ConfigurationReloaded,
  ConfigurationRefused,
  ConfigurationNoted,
  ResourceRefused,
  LoopStalled,
  InternalError,
  Status,
  StateChanged,
  PriorityChanged,
  HeldDown,
  HeldBack,
  HandedOver,
  NobodyTookOver,
  PacketRejected,
  PeerDiffers,
  AddressConflict,
  AddressesRefused,
  AddressesRestored,
  InterfaceChanged,
  KernelUnclear,
  VirtualMacFailed,
  SocketFailed,
  ConflictWatchFailed,
  RecordNotKept,
  ModeNotKept,
  CheckChanged,
  HaproxyRunning,
  HaproxyStopping,
  HaproxyHung,
  HaproxyDead,
  HaproxyWorkerChanged,
  HaproxyFormerWorkerGone,
  HaproxySaturated,
  HaproxyReloadFailed,
  HaproxyStatsSilent,
  HaproxyMasterSilent,
  HaproxyOldWorkers,
  HaproxyWarningOver,
  HaproxyFiles,
  HaproxyRun,
  HaproxyPrinted,
  HaproxyOutputLost,
  ReloadStep,
  ReloadDone,
  ReloadFailed,
  DrainChanged,
  HookDone,
  HookFailed,
  HookKilled,
  HttpFailed,
  CommandGiven,
  CommandRefused,
  ControlSocketFlawed,  ///< the last one
};

/// One row of the table.
struct MessageRow {
  MessageId id;
  const char* name;      ///< kebab-case
  conf::LogLevel level;  ///< unless the line itself knows better
};

[[nodiscard]] std::span<const MessageRow> message_table();
[[nodiscard]] const MessageRow& row(MessageId id);

}  // namespace haguard::supervisor
