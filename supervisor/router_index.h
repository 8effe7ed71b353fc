#pragma once
// Where in their lists the virtual routers and their groups stand. Made anew with the lists.

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "supervisor/sync_group.h"
#include "supervisor/virtual_router.h"

namespace haguard::supervisor {

class RouterIndex {
 public:
  RouterIndex() = default;
  RouterIndex(const std::vector<VirtualRouter>& routers, const std::vector<SyncGroup>& groups);

  [[nodiscard]] std::optional<std::size_t> find(RouterId id) const;
  /// For whom an advertisement is that came in there.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view interface, vrrp::Family family,
                                                std::uint8_t virtual_router_id) const;
  /// Whose address that is, on whatever interface.
  [[nodiscard]] std::span<const std::size_t> owners(const vrrp::IpAddress& address) const;
  [[nodiscard]] std::size_t group_of(std::size_t router) const { return groups_.at(router); }

 private:
  using Places = std::array<std::optional<std::uint32_t>, 256>;  ///< by virtual router id
  struct Lan {
    Places ipv4{};
    Places ipv6{};
  };

  std::map<RouterId, std::size_t> ids_;
  std::map<std::string, Lan, std::less<>> lans_;  ///< by interface
  std::map<vrrp::IpAddress, std::vector<std::size_t>> owners_;
  std::vector<std::size_t> groups_;  ///< by place of the router
};

}  // namespace haguard::supervisor
