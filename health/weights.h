#pragma once
// Whether the weight of a check can decide anything: what its failure alone would leave of the
// priority, against the priority of a peer.

#include <optional>
#include <string>
#include <vector>

#include "health/priority.h"

namespace haguard::health {

/// One weighted check fails, and everything else stays as it is.
struct Fall {
  std::string check;
  int weight = 0;
  int before = 0;  ///< priority
  int after = 0;

  bool operator==(const Fall&) const = default;
};

/// Of each weighted check that does not fail now; none for the owner of the addresses.
[[nodiscard]] std::vector<Fall> single_failures(int configured,
                                                const std::vector<Standing>& checks);

/// "weight -5 leaves priority 95, the peer has 90: its failure moves nothing", for a peer of lower
/// or equal priority; nothing when the peer takes over. `peer`: "the peer", "peer 172.28.1.3".
[[nodiscard]] std::optional<std::string> flaw_of_weight(const Fall& fall, const std::string& peer,
                                                        int peer_priority);

}  // namespace haguard::health
