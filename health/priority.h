#pragma once
// THE place where a router's effective priority is computed, with its reasons.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "health/verdict.h"

namespace haguard::health {

/// One check as far as it matters here.
struct Standing {
  std::string name;
  std::optional<int> weight;  ///< none: failing means FAULT
  Status status = Status::Pending;
  std::string detail;
};

struct Adjustment {
  std::string check;
  int weight;

  bool operator==(const Adjustment&) const = default;
};

struct Fitness {
  int configured = 100;
  int effective = 100;  ///< 1-254, or 255 for an owner whatever the weights
  std::vector<Adjustment> adjustments;
  bool pending = false;  ///< some check has no verdict yet: no election
  std::optional<std::string>
      fault;  ///< "web: connection refused": the first failing check without weight

  bool operator==(const Fitness&) const = default;
};

/// Negative weights count while failing, positive ones while passing, as in keepalived.
[[nodiscard]] Fitness assess(int configured, const std::vector<Standing>& checks);

}  // namespace haguard::health
