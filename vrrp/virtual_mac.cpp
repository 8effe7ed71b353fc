#include "vrrp/virtual_mac.h"

#include <fmt/format.h>

namespace haguard::vrrp {

std::string VirtualDevice::name() const {
  return fmt::format("vrrp{}.{}", family == Family::Ipv4 ? 4 : 6, virtual_router_id);
}

}  // namespace haguard::vrrp
