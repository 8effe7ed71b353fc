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
    const bool serves = std::ranges::any_of(members_, [&](Place member) {
      return routers[member].state().state == vrrp::State::Active;
    });
    order = serves ? Order::Serve : Order::StayOut;
  }
  settle(routers, order, now, out);
  std::optional<Obstacle> common;
  std::vector<std::optional<Obstacle>> own;
  for (const Place member : members_) {
    const auto& found = own.emplace_back(routers[member].obstacle(order));
    if (found && !common && !routers[member].newcomer()) {
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
    return std::ranges::all_of(members_, [&](Place member) { return holds(routers[member]); });
  };
  if (!all([](const VirtualRouter& router) { return router.settled() || router.known(); })) {
    return;
  }
  const bool adopt = order != Order::StayOut && all([](const VirtualRouter& router) {
                       return !router.settled() && router.may_adopt();
                     });
  for (const Place member : members_) {
    if (!routers[member].settled()) {
      routers[member].settle(adopt, now, out);
    }
  }
}

void SyncGroup::offer(Routers& routers, Instant now, Output& out) const {
  Duration limit{};
  for (const Place member : members_) {
    limit = std::max(limit, routers[member].release_limit());
  }
  for (const Place member : members_) {
    routers[member].offer(limit, now, out);
  }
}

void SyncGroup::complete_offer(Routers& routers, Instant now, Output& out) const {
  const bool answered = std::ranges::all_of(members_, [&](Place member) {
    const vrrp::RouterState& state = routers[member].state();
    return state.state != vrrp::State::Active || (state.offer && state.offer->successor);
  });
  for (const Place member : members_) {
    if (answered && routers[member].state().offer) {
      routers[member].follow(Obstacle{kDrained, vrrp::Leave::Planned}, now, out);
    }
  }
}

void SyncGroup::align(Routers& routers, Instant now, Output& out) const {
  complete_offer(routers, now, out);
  welcome(routers);
  if (members_.size() == 1) {
    return;
  }
  share_hold_down(routers);
  const bool gave_way = std::ranges::any_of(members_, [&](Place member) {
    return routers[member].state().state == vrrp::State::Backup && !routers[member].newcomer();
  });
  if (gave_way) {
    for (const Place member : members_) {
      routers[member].yield(now, out);
    }
  }
}

/// A newcomer is one of them when it serves, or waits as they do.
void SyncGroup::welcome(Routers& routers) const {
  const bool serves = std::ranges::any_of(members_, [&](Place member) {
    return routers[member].state().state == vrrp::State::Active && !routers[member].newcomer();
  });
  for (const Place member : members_) {
    const vrrp::State state = routers[member].state().state;
    if (state == vrrp::State::Active || (state == vrrp::State::Backup && !serves)) {
      routers[member].join();
    }
  }
}

/// One that may not preempt holds the others back anyhow.
void SyncGroup::share_hold_down(Routers& routers) const {
  const auto longest = std::ranges::max_element(
      members_, {}, [&](Place member) { return routers[member].held_down().until; });
  for (const Place member : members_) {
    routers[member].hold_down(routers[*longest].held_down());
  }
}

bool SyncGroup::advance(Routers& routers, Instant now, Output& out) {
  const bool may = may_take_over(routers, now, out);
  bool cleared = false;
  for (const Place member : members_) {
    cleared = routers[member].advance(now, may, out) || cleared;
  }
  tell_held_back(routers, now, out);
  return cleared;
}

bool SyncGroup::may_take_over(Routers& routers, Instant now, Output& out) const {
  // Only a newcomer ever waits beside one that is Active, and one that cannot is not waited for.
  const auto is_ready = [&](Place member) {
    const VirtualRouter& router = routers[member];
    return router.ready_to_take_over(now) || router.state().state == vrrp::State::Active ||
           (router.newcomer() && router.state().state == vrrp::State::Initialize);
  };
  if (!std::ranges::all_of(members_, is_ready)) {
    return false;
  }
  const Instant due = take_over_due(routers);
  if (due == Instant::min()) {
    return false;  // nobody waits for anything
  }
  const bool overslept = std::ranges::any_of(
      members_, [&](Place member) { return vrrp::overslept(routers[member].state(), due, now); });
  for (const Place member : members_) {
    if (overslept) {
      routers[member].wait_once_more(now, out);
    }
  }
  return !overslept;
}

/// When the last of their timers ends.
Instant SyncGroup::take_over_due(const Routers& routers) const {
  Instant due = Instant::min();
  for (const Place member : members_) {
    if (routers[member].state().state == vrrp::State::Backup) {
      due = std::max(due, routers[member].election_deadline());
    }
  }
  return due;
}

void SyncGroup::tell_held_back(const Routers& routers, Instant now, Output& out) {
  if (members_.size() == 1) {
    return;
  }
  const auto holds_back = std::ranges::find_if(members_, [&](Place member) {
    return routers[member].state().state == vrrp::State::Backup &&
           !routers[member].ready_to_take_over(now);
  });
  for (const Place member : members_) {
    const bool held =
        holds_back != members_.end() && routers[member].ready_to_take_over(now - kNormalSpread);
    if (!held) {
      told_.erase(member);
    } else if (told_.insert(member).second) {
      out.notices.emplace_back(HeldBack{routers[member].id(), routers[*holds_back].id()});
    }
  }
}

Instant SyncGroup::next_deadline(const Routers& routers) const {
  Instant next = kNever;
  for (const Place member : members_) {
    const VirtualRouter& router = routers[member];
    next = std::min(next, router.chores_deadline());
    if (router.state().state != vrrp::State::Backup) {
      next = std::min(next, router.election_deadline());
    }
  }
  const Instant take_over = take_over_due(routers);
  if (take_over == Instant::min()) {
    return next;
  }
  return std::min({next, take_over, held_back_due(routers, take_over)});
}

/// When it is to be told of the next one; kNever when they will all be ready before.
Instant SyncGroup::held_back_due(const Routers& routers, Instant take_over) const {
  Instant due = kNever;
  for (const Place member : members_) {
    const VirtualRouter& router = routers[member];
    if (router.state().state == vrrp::State::Backup && !told_.contains(member) &&
        router.election_deadline() < take_over - kNormalSpread) {
      due = std::min(due, router.election_deadline() + kNormalSpread);
    }
  }
  return due;
}

bool SyncGroup::take_record_change(Routers& routers) const {
  bool changed = false;
  for (const Place member : members_) {
    changed = routers[member].take_record_change() || changed;
  }
  return changed;
}

std::vector<SyncGroup> make_groups(const std::vector<VirtualRouter>& routers) {
  // Names of groups and of instances do not meet.
  std::map<std::pair<bool, std::string>, std::vector<SyncGroup::Place>> by_name;
  for (SyncGroup::Place place = 0; place < routers.size(); ++place) {
    const conf::Instance& instance = routers[place].instance();
    const bool named = !instance.sync_group.empty();
    by_name[{named, named ? instance.sync_group : instance.name}].push_back(place);
  }
  std::vector<SyncGroup> groups;
  groups.reserve(by_name.size());
  for (auto& [name, members] : by_name) {
    groups.emplace_back(std::move(members));
  }
  return groups;
}

}  // namespace haguard::supervisor
