#include "supervisor/router_index.h"

namespace haguard::supervisor {

RouterIndex::RouterIndex(const std::vector<VirtualRouter>& routers,
                         const std::vector<SyncGroup>& groups)
    : groups_(routers.size()) {
  for (std::size_t place = 0; place < routers.size(); ++place) {
    const VirtualRouter& router = routers[place];
    ids_.emplace(router.id(), place);
    Lan& lan = lans_[router.instance().interface];
    Places& places = router.family() == vrrp::Family::Ipv4 ? lan.ipv4 : lan.ipv6;
    places.at(static_cast<std::size_t>(router.instance().virtual_router_id)) =
        static_cast<std::uint32_t>(place);
    for (const conf::VirtualAddress& address : router.holdings().addresses()) {
      owners_[address.address].push_back(place);
    }
  }
  for (std::size_t group = 0; group < groups.size(); ++group) {
    for (const std::size_t member : groups[group].members()) {
      groups_.at(member) = group;
    }
  }
}

std::optional<std::size_t> RouterIndex::find(RouterId id) const {
  const auto found = ids_.find(id);
  return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::size_t> RouterIndex::find(std::string_view interface, vrrp::Family family,
                                             std::uint8_t virtual_router_id) const {
  const auto lan = lans_.find(interface);
  if (lan == lans_.end()) {
    return std::nullopt;
  }
  return (family == vrrp::Family::Ipv4 ? lan->second.ipv4 : lan->second.ipv6).at(virtual_router_id);
}

std::span<const std::size_t> RouterIndex::owners(const vrrp::IpAddress& address) const {
  const auto found = owners_.find(address);
  return found == owners_.end() ? std::span<const std::size_t>() : found->second;
}

}  // namespace haguard::supervisor
