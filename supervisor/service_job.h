#pragma once
// What the service manager is about to do with the unit that this process belongs to.

namespace haguard::supervisor {

/// systemd stops the unit to start it again: `systemctl restart`, an upgrade of the package. It is
/// asked on the socket that it has for root, systemd(1) /run/systemd/private. False when there is
/// no systemd, or none that answers within a second.
[[nodiscard]] bool is_restarting();

}  // namespace haguard::supervisor
