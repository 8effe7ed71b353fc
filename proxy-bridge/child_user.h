#pragma once
// Who a program is to run as. Read from the files, not asked for through the name service: that
// might ask a server, and the loop must not wait for one.

#include <optional>
#include <string>

#include "proxy-bridge/child_keeper.h"

namespace haguard::proxy {

/// With all its groups, as in /etc/passwd and /etc/group; nothing when it is not there.
[[nodiscard]] std::optional<KeeperOrders::Identity> find_user(const std::string& name);

}  // namespace haguard::proxy
