#include "supervisor/election.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace haguard::supervisor {
namespace {

/// Priority, then address: the order in which routers win (RFC 9568 6.4.3).
using Rank = std::pair<int, vrrp::IpAddress>;

std::optional<Rank> best_peer(const VirtualRouter& router) {
  std::optional<Rank> best;
  for (const auto& [address, peer] : router.peers()) {
    const Rank rank{peer.priority, address};
    if (!best || rank > *best) {
      best = rank;
    }
  }
  return best;
}

std::string while_active(const Rank& own, const std::optional<Rank>& peer) {
  if (!peer) {
    return "this node: no other router heard";
  }
  const std::string name = peer->second.to_string();
  if (*peer > own) {
    return fmt::format("this node: {} is better (priority {}, ours {}), but silent", name,
                       peer->first, own.first);
  }
  if (peer->first == own.first) {
    return fmt::format("this node: {} has priority {} as well, and the lower address", name,
                       own.first);
  }
  return fmt::format("this node: priority {}, {} has {}", own.first, name, peer->first);
}

/// Why a router that is worse than we are is left in office.
std::string patience(const VirtualRouter& router, Instant now) {
  if (!router.instance().preempt) {
    return "preempt is off";
  }
  if (router.state().held_down > now) {
    return "we are held down";
  }
  const bool delayed = router.state().preempt_at != kNever && router.state().preempt_at > now;
  return delayed ? "preempt_delay is not over" : "we take over when it is silent or worse again";
}

std::string while_backup(const VirtualRouter& router, const Rank& own, Instant now) {
  const auto& active = router.state().active_router;
  const auto peer = active ? router.peers().find(*active) : router.peers().end();
  if (peer == router.peers().end()) {
    return "this node: nobody advertises, it takes over when its timer ends";
  }
  const Rank rank{peer->second.priority, peer->first};
  const std::string name = rank.second.to_string();
  if (router.state().loser || router.state().resignation_heard) {
    return fmt::format("this node: priority {}, {} has {}", own.first, name, rank.first);
  }
  if (rank.first == own.first && rank > own) {
    return fmt::format("{}: our priority {}, and the higher address", name, own.first);
  }
  if (rank > own) {
    return fmt::format("{}: priority {}, ours {}", name, rank.first, own.first);
  }
  return fmt::format("{}: {} (priority {}, ours {})", name, patience(router, now), rank.first,
                     own.first);
}

}  // namespace

std::string election(const VirtualRouter& router, Instant now) {
  const Rank own{router.state().priority, router.own_address()};
  switch (router.state().state) {
    case vrrp::State::Active:
      return while_active(own, best_peer(router));
    case vrrp::State::Backup:
      return while_backup(router, own, now);
    case vrrp::State::Initialize:
      break;
  }
  const auto peer = best_peer(router);
  if (router.reason() == kDrained) {
    return "this node is drained and takes no part";
  }
  return peer ? fmt::format("{}: this node takes no part", peer->second.to_string())
              : "nobody known: this node takes no part, no other router was heard";
}

}  // namespace haguard::supervisor
