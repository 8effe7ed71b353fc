#pragma once
// Port: by which interface a neighbor is reached, and with which address of ours to ask for it.

#include <string>
#include <variant>

#include "vrrp/address.h"

namespace haguard::health {

struct OnLink {
  std::string interface;
  int index = 0;
  vrrp::MacAddress mac;
  vrrp::IpAddress source;
};

/// The interface, being up, that has an address in the smallest network with `target` in it, or
/// else the reason: "10.0.0.1 is not on a network of this machine". An address without a network,
/// as virtual ones mostly are, counts for nothing; of several in one network the oldest is taken,
/// as the others may be virtual: who hears a question notes who asks. In IPv6 we ask with the
/// link-local address.
[[nodiscard]] std::variant<OnLink, std::string> find_link(const vrrp::IpAddress& target);

}  // namespace haguard::health
