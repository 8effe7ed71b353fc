#pragma once
// At which of HAProxy's listeners can be knocked for a sign of life (proxy-bridge/knocker.h)?

#include <set>
#include <vector>

#include "conf/config.h"
#include "proxy-bridge/configuration.h"

namespace haguard::proxy {

/// Those on this machine whose worker answers nonsense by itself: HTTP, TLS, or with a PROXY
/// header. A plain TCP listener would pass it on to a server. Never one of `elsewhere`: a virtual
/// address may be at the peer. The cheapest first, a few at most.
[[nodiscard]] std::vector<conf::Endpoint> knockable(const Configuration& configuration,
                                                    const std::set<vrrp::IpAddress>& elsewhere);

}  // namespace haguard::proxy
