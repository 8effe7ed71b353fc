#pragma once
// What haguard.toml and the configuration of the local HAProxy show together: addresses that it
// cannot bind or does not bind, and checks of proxies that it does not have.

#include "conf/parse.h"
#include "proxy-bridge/configuration.h"

namespace haguard::supervisor {

/// What HAProxy finds on this machine.
struct Surroundings {
  proxy::Configuration haproxy;
  /// Every file could be read; else nothing is concluded from what is not there.
  bool complete = true;
  /// net.ipv4.ip_nonlocal_bind and net.ipv6.ip_nonlocal_bind: absent addresses may be bound.
  bool nonlocal_bind_ipv4 = false;
  bool nonlocal_bind_ipv6 = false;
};

/// An error for a check that cannot run, else warnings.
[[nodiscard]] conf::Problems lint_haproxy(const conf::Parsed& parsed,
                                          const Surroundings& surroundings);

}  // namespace haguard::supervisor
