#include "proxy-bridge/listeners.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace haguard::proxy {
namespace {

constexpr std::size_t kMost = 8;

std::optional<vrrp::IpAddress> local_address(const Bind& bind,
                                             const std::set<vrrp::IpAddress>& elsewhere) {
  if (bind.is_wildcard(vrrp::Family::Ipv4)) {
    return vrrp::IpAddress::v4(127, 0, 0, 1);
  }
  if (bind.is_wildcard(vrrp::Family::Ipv6)) {
    return vrrp::IpAddress::parse("::1");
  }
  const auto address = bind.address();
  return address && elsewhere.contains(*address) ? std::nullopt : address;
}

bool is_plain(const Bind& bind) {
  return bind.kind == BindKind::Ip && bind.first_port != 0 && !bind.datagram && !bind.conditional &&
         !bind.unresolved && bind.interface.empty() && bind.name_space.empty();
}

/// Lower is better: one that is meant for probes, then one that costs no handshake.
int cost(const ProxySection& proxy, const Bind& bind) {
  return (proxy.monitor_uri.empty() ? 2 : 0) + (bind.ssl || bind.accept_proxy ? 1 : 0);
}

}  // namespace

std::vector<conf::Endpoint> knockable(const Configuration& configuration,
                                      const std::set<vrrp::IpAddress>& elsewhere) {
  std::vector<std::pair<int, conf::Endpoint>> found;
  for (const ProxySection& proxy : configuration.proxies) {
    if (!proxy.is_frontend() || proxy.disabled || proxy.conditional) {
      continue;
    }
    for (const Bind& bind : proxy.binds) {
      const auto address = local_address(bind, elsewhere);
      const bool answers = proxy.mode == "http" || bind.ssl || bind.accept_proxy;
      if (address && answers && is_plain(bind)) {
        found.push_back({cost(proxy, bind), {*address, bind.first_port}});
      }
    }
  }
  std::ranges::stable_sort(found, {}, &std::pair<int, conf::Endpoint>::first);
  std::vector<conf::Endpoint> listeners;
  for (std::size_t i = 0; i < found.size() && i < kMost; ++i) {
    listeners.push_back(found[i].second);
  }
  return listeners;
}

}  // namespace haguard::proxy
