#include "conf/config.h"

#include <algorithm>

#include <fmt/format.h>

namespace haguard::conf {

std::vector<vrrp::Family> families(const Instance& instance) {
  std::vector<vrrp::Family> found;
  for (const auto family : {vrrp::Family::Ipv4, vrrp::Family::Ipv6}) {
    if (std::ranges::any_of(instance.virtual_addresses, [&](const VirtualAddress& address) {
          return address.address.family() == family;
        })) {
      found.push_back(family);
    }
  }
  return found;
}

std::optional<vrrp::VirtualDevice> virtual_device(const Instance& instance, vrrp::Family family) {
  if (!instance.use_virtual_mac) {
    return std::nullopt;
  }
  return vrrp::VirtualDevice{family, instance.virtual_router_id, instance.interface};
}

bool counts_for(const Instance& instance, const Check& check) {
  return !instance.checks ||
         std::ranges::find(*instance.checks, check.name) != instance.checks->end();
}

std::string_view to_string(CheckType type) {
  switch (type) {
    case CheckType::Tcp:
      return "tcp";
    case CheckType::Http:
      return "http";
    case CheckType::Haproxy:
      return "haproxy";
    case CheckType::Interface:
      return "interface";
    case CheckType::Gateway:
      return "gateway";
    case CheckType::Exec:
      return "exec";
    case CheckType::File:
      return "file";
  }
  return "unknown";
}

std::string Endpoint::to_string() const {
  const bool brackets = address.family() == vrrp::Family::Ipv6;
  return fmt::format("{}{}{}:{}", brackets ? "[" : "", address.to_string(), brackets ? "]" : "",
                     port);
}

std::string_view to_string(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return "debug";
    case LogLevel::Info:
      return "info";
    case LogLevel::Warning:
      return "warning";
    case LogLevel::Error:
      return "error";
  }
  return {};
}

}  // namespace haguard::conf
