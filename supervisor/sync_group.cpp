#include "supervisor/sync_group.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace haguard::supervisor {
namespace {

using Obstacle = VirtualRouter::Obstacle;

/// Two timers of one group never end at the same moment: nobody is held back before this.
constexpr Duration kNormalSpread = std::chrono::milliseconds(500);

}  // namespace

void SyncGroup::decide(Routers& routers, Order order, Instant now, Output& out) const {
  if (order == Order::HandOver) {
    const bool serves = std::ranges::any_of(members_, [&](RouterId member) {
      return routers[member].state().state == vrrp::State::Active;
    });
    order = serves ? Order::Serve : Order::StayOut;
  }
  settle(routers, order, now, out);
  std::optional<Obstacle> common;
  std::vector<std::optional<Obstacle>> own;
  for (const RouterId member : members_) {
    const auto& found = own.emplace_back(routers[member].obstacle(order));
    if (found && !common) {
      // The others can still speak.
      common = Obstacle{fmt::format("sync group: {}: {}", routers[member].name(), found->why),
                        found->leave == vrrp::Leave::Mute ? vrrp::Leave::Fault : found->leave,
                        found->waiting};
    }
  }
  for (std::size_t i = 0; i < members_.size(); ++i) {
    routers[members_[i]].follow(own[i] ? own[i] : common, now, out);
  }
}

void SyncGroup::settle(Routers& routers, Order order, Instant now, Output& out) const {
  const auto all = [&](auto&& holds) {
    return std::ranges::all_of(members_, [&](RouterId member) { return holds(routers[member]); });
  };
  if (routers[members_.front()].settled() ||
      !all([](const VirtualRouter& router) { return router.known(); })) {
    return;
  }
  const bool adopt = order != Order::StayOut &&
                     all([](const VirtualRouter& router) { return router.may_adopt(); });
  for (const RouterId member : members_) {
    routers[member].settle(adopt, now, out);
  }
}

void SyncGroup::offer(Routers& routers, Instant now, Output& out) const {
  Duration limit{};
  for (const RouterId member : members_) {
    limit = std::max(limit, routers[member].release_limit());
  }
  for (const RouterId member : members_) {
    routers[member].offer(limit, now, out);
  }
}

void SyncGroup::complete_offer(Routers& routers, Instant now, Output& out) const {
  const bool answered = std::ranges::all_of(members_, [&](RouterId member) {
    const vrrp::RouterState& state = routers[member].state();
    return state.state != vrrp::State::Active || (state.offer && state.offer->successor);
  });
  for (const RouterId member : members_) {
    if (answered && routers[member].state().offer) {
      routers[member].follow(Obstacle{kDrained, vrrp::Leave::Planned}, now, out);
    }
  }
}

void SyncGroup::align(Routers& routers, Instant now, Output& out) const {
  complete_offer(routers, now, out);
  share_hold_down(routers);
  const bool gave_way = std::ranges::any_of(members_, [&](RouterId member) {
    return routers[member].state().state == vrrp::State::Backup;
  });
  if (gave_way) {
    for (const RouterId member : members_) {
      routers[member].yield(now, out);
    }
  }
}

/// One that may not preempt holds the others back anyhow.
void SyncGroup::share_hold_down(Routers& routers) const {
  const auto longest = std::ranges::max_element(
      members_, {}, [&](RouterId member) { return routers[member].held_down().until; });
  for (const RouterId member : members_) {
    routers[member].hold_down(routers[*longest].held_down());
  }
}

bool SyncGroup::advance(Routers& routers, Instant now, Output& out) {
  const bool may = may_take_over(routers, now, out);
  bool cleared = false;
  for (const RouterId member : members_) {
    cleared = routers[member].advance(now, may, out) || cleared;
  }
  tell_held_back(routers, now, out);
  return cleared;
}

bool SyncGroup::may_take_over(Routers& routers, Instant now, Output& out) const {
  const auto is_ready = [&](RouterId member) { return routers[member].ready_to_take_over(now); };
  if (!std::ranges::all_of(members_, is_ready)) {
    return false;
  }
  const Instant due = take_over_due(routers);
  const bool overslept = std::ranges::any_of(members_, [&](RouterId member) {
    return vrrp::overslept(routers[member].state(), due, now);
  });
  for (const RouterId member : members_) {
    if (overslept) {
      routers[member].wait_once_more(now, out);
    }
  }
  return !overslept;
}

/// When the last of their timers ends.
Instant SyncGroup::take_over_due(const Routers& routers) const {
  Instant due = Instant::min();
  for (const RouterId member : members_) {
    if (routers[member].state().state == vrrp::State::Backup) {
      due = std::max(due, routers[member].election_deadline());
    }
  }
  return due;
}

void SyncGroup::tell_held_back(const Routers& routers, Instant now, Output& out) {
  const auto holds_back = std::ranges::find_if(members_, [&](RouterId member) {
    return routers[member].state().state == vrrp::State::Backup &&
           !routers[member].ready_to_take_over(now);
  });
  for (const RouterId member : members_) {
    const bool held =
        holds_back != members_.end() && routers[member].ready_to_take_over(now - kNormalSpread);
    if (!held) {
      told_.erase(member);
    } else if (told_.insert(member).second) {
      out.notices.emplace_back(HeldBack{member, *holds_back});
    }
  }
}

Instant SyncGroup::next_deadline(const Routers& routers) const {
  Instant next = kNever;
  for (const RouterId member : members_) {
    const VirtualRouter& router = routers[member];
    next = std::min(next, router.chores_deadline());
    if (router.state().state != vrrp::State::Backup) {
      next = std::min(next, router.election_deadline());
    }
  }
  const Instant take_over = take_over_due(routers);
  return take_over == Instant::min() ? next : std::min(next, take_over);
}

std::vector<SyncGroup> make_groups(const std::vector<VirtualRouter>& routers) {
  // Names of groups and of instances do not meet.
  std::map<std::pair<bool, std::string>, std::vector<RouterId>> by_name;
  for (const VirtualRouter& router : routers) {
    const conf::Instance& instance = router.instance();
    const bool named = !instance.sync_group.empty();
    by_name[{named, named ? instance.sync_group : instance.name}].push_back(router.id());
  }
  std::vector<SyncGroup> groups;
  groups.reserve(by_name.size());
  for (auto& [name, members] : by_name) {
    groups.emplace_back(std::move(members));
  }
  return groups;
}

}  // namespace haguard::supervisor
