#pragma once
// What a peer does differently, in words that name both sides. A pair that differs elects in ways
// that nobody wants, so each difference is told once per peer.

#include <bitset>
#include <map>
#include <string>
#include <vector>

#include "conf/config.h"
#include "vrrp/address.h"
#include "vrrp/packet.h"

namespace haguard::supervisor {

enum class Difference : std::uint8_t { Version, Interval, Addresses, Authentication, Owner };
inline constexpr std::size_t kDifferenceCount = static_cast<std::size_t>(Difference::Owner) + 1;

/// Virtual router ids heard on an interface, by number.
using VridSet = std::bitset<256>;

class Differences {
 public:
  struct Finding {
    Difference what = Difference::Version;
    std::string how;
  };

  /// Those of this advertisement that were not told yet. `ours` are the addresses we advertise,
  /// `taken` the virtual router ids in use on the LAN.
  [[nodiscard]] std::vector<Finding> news(const conf::Instance& instance,
                                          const std::vector<vrrp::IpAddress>& ours,
                                          const vrrp::Advertisement& advertisement,
                                          const vrrp::IpAddress& peer, const VridSet& taken);

 private:
  std::map<vrrp::IpAddress, std::bitset<kDifferenceCount>> told_;
};

}  // namespace haguard::supervisor
