#include "conf/config.h"

#include <fmt/format.h>

namespace haguard::conf {

std::string Endpoint::to_string() const {
  const bool brackets = address.family() == vrrp::Family::Ipv6;
  return fmt::format("{}{}{}:{}", brackets ? "[" : "", address.to_string(), brackets ? "]" : "",
                     port);
}

}  // namespace haguard::conf
