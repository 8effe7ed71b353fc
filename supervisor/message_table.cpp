#include "supervisor/message_table.h"

#include <array>

namespace haguard::supervisor {
namespace {

using conf::LogLevel;

constexpr std::array kTable{
    MessageRow{MessageId::Started, "started", LogLevel::Info},
    MessageRow{MessageId::Stopping, "stopping", LogLevel::Info},
    MessageRow{MessageId::Stopped, "stopped", LogLevel::Info},
    MessageRow{MessageId::ConfigurationWarning, "configuration-warning", LogLevel::Warning},
    MessageRow{MessageId::ConfigurationReloaded, "configuration-reloaded", LogLevel::Info},
    MessageRow{MessageId::ConfigurationRefused, "configuration-refused", LogLevel::Error},
    MessageRow{MessageId::ConfigurationNoted, "configuration-noted", LogLevel::Info},
    MessageRow{MessageId::ResourceRefused, "resource-refused", LogLevel::Warning},
    MessageRow{MessageId::LoopStalled, "loop-stalled", LogLevel::Warning},
    MessageRow{MessageId::InternalError, "internal-error", LogLevel::Error},
    MessageRow{MessageId::Status, "status", LogLevel::Info},
    MessageRow{MessageId::StateChanged, "state-changed", LogLevel::Info},
    MessageRow{MessageId::PriorityChanged, "priority-changed", LogLevel::Info},
    MessageRow{MessageId::HeldDown, "held-down", LogLevel::Warning},
    MessageRow{MessageId::HeldBack, "held-back", LogLevel::Warning},
    MessageRow{MessageId::HandedOver, "handed-over", LogLevel::Info},
    MessageRow{MessageId::NobodyTookOver, "nobody-took-over", LogLevel::Warning},
    MessageRow{MessageId::PacketRejected, "packet-rejected", LogLevel::Warning},
    MessageRow{MessageId::PeerDiffers, "peer-differs", LogLevel::Warning},
    MessageRow{MessageId::AddressConflict, "address-conflict", LogLevel::Warning},
    MessageRow{MessageId::AddressesRefused, "addresses-refused", LogLevel::Error},
    MessageRow{MessageId::AddressesRestored, "addresses-restored", LogLevel::Warning},
    MessageRow{MessageId::InterfaceChanged, "interface-changed", LogLevel::Info},
    MessageRow{MessageId::KernelUnclear, "kernel-unclear", LogLevel::Warning},
    MessageRow{MessageId::VirtualMacFailed, "virtual-mac-failed", LogLevel::Warning},
    MessageRow{MessageId::SocketFailed, "socket-failed", LogLevel::Warning},
    MessageRow{MessageId::ConflictWatchFailed, "conflict-watch-failed", LogLevel::Warning},
    MessageRow{MessageId::RecordNotKept, "record-not-kept", LogLevel::Warning},
    MessageRow{MessageId::ModeNotKept, "mode-not-kept", LogLevel::Warning},
    MessageRow{MessageId::CheckChanged, "check-changed", LogLevel::Info},
    MessageRow{MessageId::HaproxyRunning, "haproxy-running", LogLevel::Info},
    MessageRow{MessageId::HaproxyStopping, "haproxy-stopping", LogLevel::Warning},
    MessageRow{MessageId::HaproxyHung, "haproxy-hung", LogLevel::Warning},
    MessageRow{MessageId::HaproxyDead, "haproxy-dead", LogLevel::Warning},
    MessageRow{MessageId::HaproxyWorkerChanged, "haproxy-worker-changed", LogLevel::Info},
    MessageRow{MessageId::HaproxyFormerWorkerGone, "haproxy-former-worker-gone", LogLevel::Info},
    MessageRow{MessageId::HaproxySaturated, "haproxy-saturated", LogLevel::Warning},
    MessageRow{MessageId::HaproxyReloadFailed, "haproxy-reload-failed", LogLevel::Warning},
    MessageRow{MessageId::HaproxyStatsSilent, "haproxy-stats-silent", LogLevel::Warning},
    MessageRow{MessageId::HaproxyMasterSilent, "haproxy-master-silent", LogLevel::Warning},
    MessageRow{MessageId::HaproxyOldWorkers, "haproxy-old-workers", LogLevel::Warning},
    MessageRow{MessageId::HaproxyWarningOver, "haproxy-warning-over", LogLevel::Info},
    MessageRow{MessageId::HaproxyFiles, "haproxy-files", LogLevel::Info},
    MessageRow{MessageId::HaproxyRun, "haproxy-run", LogLevel::Info},
    MessageRow{MessageId::HaproxyPrinted, "haproxy-printed", LogLevel::Info},
    MessageRow{MessageId::HaproxyOutputLost, "haproxy-output-lost", LogLevel::Warning},
    MessageRow{MessageId::ReloadStep, "reload-step", LogLevel::Info},
    MessageRow{MessageId::ReloadDone, "reload-done", LogLevel::Info},
    MessageRow{MessageId::ReloadFailed, "reload-failed", LogLevel::Error},
    MessageRow{MessageId::DrainChanged, "drain-changed", LogLevel::Info},
    MessageRow{MessageId::HookDone, "hook-done", LogLevel::Info},
    MessageRow{MessageId::HookFailed, "hook-failed", LogLevel::Warning},
    MessageRow{MessageId::HookKilled, "hook-killed", LogLevel::Warning},
    MessageRow{MessageId::HttpFailed, "http-failed", LogLevel::Warning},
    MessageRow{MessageId::CommandGiven, "command-given", LogLevel::Info},
    MessageRow{MessageId::CommandRefused, "command-refused", LogLevel::Warning},
    MessageRow{MessageId::ControlSocketFlawed, "control-socket-flawed", LogLevel::Warning},
};
static_assert(kTable.size() == static_cast<std::size_t>(MessageId::ControlSocketFlawed) + 1);

constexpr bool in_order() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (kTable.at(i).id != static_cast<MessageId>(i)) {
      return false;
    }
  }
  return true;
}
static_assert(in_order());

}  // namespace

std::span<const MessageRow> message_table() {
  return kTable;
}

const MessageRow& row(MessageId id) {
  return kTable.at(static_cast<std::size_t>(id));
}

}  // namespace haguard::supervisor
