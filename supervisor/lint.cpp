#include "supervisor/lint.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "conf/compare.h"
#include "health/weights.h"

namespace haguard::supervisor {
namespace {

using conf::Severity;

std::vector<health::Standing> all_passing(const conf::Config& config,
                                          const conf::Instance& instance) {
  std::vector<health::Standing> standings;
  for (const conf::Check& check : config.checks) {
    if (conf::counts_for(instance, check)) {
      standings.push_back({check.name, check.weight, health::Status::Passing, {}});
    }
  }
  return standings;
}

void warn_of_weight(const conf::Parsed& parsed, const std::string& check, std::string message,
                    conf::Problems& problems) {
  const conf::Place at = parsed.places.of_check(check, "weight");
  problems.push_back({at.file, at.line, at.column, Severity::Warning, std::move(message)});
}

/// One side of a pair: its file, and what it is for the instance.
struct Side {
  const conf::Parsed& parsed;
  const conf::Instance& instance;

  [[nodiscard]] std::vector<health::Standing> standings() const {
    return all_passing(parsed.config, instance);
  }
};

int priority_without(const Side& side, const std::string& check) {
  auto standings = side.standings();
  std::erase_if(standings,
                [&](const health::Standing& standing) { return standing.name == check; });
  return health::assess(side.instance.priority, standings).effective;
}

/// Which weight would do, if there is one: the peer's priority must be above what is left.
std::string remedy(const Side& higher, const Side& lower, const std::string& check) {
  const int gap = priority_without(higher, check) - priority_without(lower, check);
  const bool possible = gap >= 0 && priority_without(lower, check) > 1;
  return possible ? fmt::format("at least {}, or no weight (failure means FAULT)", -gap - 1)
                  : "no weight would do (failure means FAULT)";
}

void compare_weights(const Side& higher, const Side& lower, conf::Problems& problems) {
  const int theirs = health::assess(lower.instance.priority, lower.standings()).effective;
  for (const auto& fall : health::single_failures(higher.instance.priority, higher.standings())) {
    if (const auto flaw = health::flaw_of_weight(fall, "the peer", theirs)) {
      warn_of_weight(higher.parsed, fall.check,
                     fmt::format("{}: check \"{}\": {}; {}", higher.instance.name, fall.check,
                                 *flaw, remedy(higher, lower, fall.check)),
                     problems);
    }
  }
}

/// The owner never loses its priority (RFC 9568 5.2.4).
void warn_of_owners(const conf::Parsed& parsed, const conf::Check& check,
                    conf::Problems& problems) {
  const auto& instances = parsed.config.instances;
  const bool useless = std::ranges::all_of(instances, [&](const conf::Instance& instance) {
    return !conf::counts_for(instance, check) || conf::is_owner(instance);
  });
  if (useless) {
    warn_of_weight(parsed, check.name,
                   fmt::format("check \"{}\": its weight does nothing, as this node owns the "
                               "addresses (priority 255) wherever the check counts",
                               check.name),
                   problems);
  }
}

}  // namespace

conf::Problems lint(const conf::Parsed& parsed) {
  conf::Problems problems;
  for (const conf::Check& check : parsed.config.checks) {
    if (check.weight) {
      warn_of_owners(parsed, check, problems);
    }
  }
  return problems;
}

conf::Problems lint_weights(const conf::Parsed& ours, const conf::Parsed& theirs) {
  conf::Problems problems;
  for (const conf::Pair& pair : conf::pairs(ours.config, theirs.config)) {
    const Side a{ours, *pair.ours};
    const Side b{theirs, *pair.theirs};
    compare_weights(a, b, problems);
    compare_weights(b, a, problems);
  }
  return problems;
}

}  // namespace haguard::supervisor
