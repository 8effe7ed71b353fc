#pragma once
// Would HAProxy get its listeners? Tries bind(2) for each address of a configuration, without
// listening, and closes at once. `haproxy -c` does not do that, and a reload that fails there costs
// the running HAProxy two seconds of refused connections. An obstacle is told only where there is
// no doubt: it keeps a reload from being done.

#include "proxy-bridge/configuration.h"
#include "proxy-bridge/reload_event.h"
#include "proxy-bridge/trial_socket.h"

namespace haguard::proxy {

/// In the network namespace of the calling thread; 4096 tries at most, what is more counts as
/// unknown. `tried` and `unknown` count addresses of `bind` and of `stats socket`, a range of ports
/// as one. Does not wait.
[[nodiscard]] BindsTried try_binds(const Configuration& configuration,
                                   const SocketManners& manners);

}  // namespace haguard::proxy
