#include "health/priority.h"

#include <algorithm>

#include "vrrp/timing.h"

namespace haguard::health {
namespace {

constexpr int kLowest = 1;
constexpr int kHighest = 254;

bool applies(int weight, Status status) {
  return weight < 0 ? status == Status::Failing : status == Status::Passing;
}

}  // namespace

Fitness assess(int configured, const std::vector<Standing>& checks) {
  Fitness fitness;
  fitness.configured = configured;
  int sum = configured;
  for (const Standing& check : checks) {
    fitness.pending = fitness.pending || check.status == Status::Pending;
    if (!check.weight) {
      if (check.status == Status::Failing && !fitness.fault) {
        fitness.fault = check.name + (check.detail.empty() ? "" : ": " + check.detail);
      }
    } else if (configured != vrrp::kPriorityOwner && applies(*check.weight, check.status)) {
      sum += *check.weight;
      fitness.adjustments.push_back({check.name, *check.weight});
    }
  }
  // RFC 9568 5.2.4: 255 belongs to the owner of the addresses, who never loses it
  fitness.effective = configured == vrrp::kPriorityOwner ? vrrp::kPriorityOwner
                                                         : std::clamp(sum, kLowest, kHighest);
  return fitness;
}

}  // namespace haguard::health
