#include "health/weights.h"

#include <cstddef>

#include <fmt/format.h>

#include "vrrp/timing.h"

namespace haguard::health {

std::vector<Fall> single_failures(int configured, const std::vector<Standing>& checks) {
  std::vector<Fall> falls;
  if (configured == vrrp::kPriorityOwner) {
    return falls;
  }
  const int before = assess(configured, checks).effective;
  for (std::size_t i = 0; i < checks.size(); ++i) {
    if (!checks[i].weight || checks[i].status == Status::Failing) {
      continue;
    }
    auto failed = checks;
    failed[i].status = Status::Failing;
    falls.push_back(
        {checks[i].name, *checks[i].weight, before, assess(configured, failed).effective});
  }
  return falls;
}

std::optional<std::string> flaw_of_weight(const Fall& fall, const std::string& peer,
                                          int peer_priority) {
  if (fall.before < peer_priority || fall.after < peer_priority) {
    return std::nullopt;
  }
  const bool tie = fall.after == peer_priority;
  return fmt::format("weight {:+} leaves priority {}, {} has {}: {}", fall.weight, fall.after, peer,
                     peer_priority,
                     tie ? "whether its failure moves anything, the higher address decides"
                         : "its failure moves nothing");
}

}  // namespace haguard::health
