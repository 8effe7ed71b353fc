#include "tests/sim/invariants.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace haguard::sim {
namespace {

using namespace std::chrono_literals;
using supervisor::RouterId;
using vrrp::State;

/// Of the world's checks: a verdict after a start or a change takes one interval and one probe.
constexpr Duration kVerdict = 200ms;
/// Three centiseconds and the skew of one.
constexpr Duration kContest = 40ms;
/// The longest that a stopping node keeps its addresses (vrrp::release_limit).
constexpr Duration kRelease = 1100ms;

}  // namespace

Invariants::Invariants(World& world)
    : world_(world),
      disturbed_(world.now()),
      second_began_(world.now()),
      sent_before_(world.size(), 0) {
  for (const auto& router : world.node(0).daemon->routers()) {
    instances_.push_back(&router.instance());
  }
}

bool Invariants::runs(std::size_t machine) const {
  return world_.node(machine).daemon && !world_.node(machine).stalled;
}

bool Invariants::is(std::size_t machine, RouterId router, State state) const {
  return runs(machine) && world_.node(machine).daemon->routers().at(router).state().state == state;
}

std::map<int, Invariants::Lan> Invariants::lans(RouterId router) const {
  std::map<int, Lan> found;
  for (std::size_t i = 0; i < world_.size(); ++i) {
    const Port& port = world_.node(i).ports.at(instance(router).interface);
    if (port.up) {
      Lan& lan = found[port.segment];
      lan.machines.push_back(i);
      lan.sane = lan.sane && !port.deaf && !port.mute && world_.lan.loss_percent == 0;
    }
  }
  return found;
}

void Invariants::check() {
  for (RouterId router = 0; router < instances_.size() && violation_.empty(); ++router) {
    check_two_actives(router);
    check_nobody(router);
    check_addresses(router);
  }
  check_groups();
  check_packets();
}

/// Two Active routers that hear each other: the winner's next advertisement is at most one interval
/// away, or what a contest takes when it has just begun one, and the loser yields when it arrives.
/// Who offers a group on torn LANs stays until the successor of each router is heard.
void Invariants::check_two_actives(RouterId router) {
  const Duration bound = instance(router).advertisement_interval + kContest + world_.lan.max_delay +
                         Duration(1ms) + (world_.torn() ? kRelease : Duration::zero());
  std::map<Pair, Instant> still;
  for (const auto& [segment, lan] : lans(router)) {
    for (const Pair& pair : active_pairs(router, lan)) {
      const auto known = dual_[router].find(pair);
      still[pair] = known == dual_[router].end() ? world_.now() : known->second;
      const Duration both = world_.now() - std::max(disturbed_, still[pair]);
      if (lan.sane && both > bound) {
        violated(fmt::format("router {}: nodes {} and {} Active for {} us", router, pair.first,
                             pair.second, both.count()));
      }
    }
  }
  dual_[router] = std::move(still);
}

std::vector<Invariants::Pair> Invariants::active_pairs(RouterId router, const Lan& lan) const {
  std::vector<std::size_t> active;
  std::ranges::copy_if(lan.machines, std::back_inserter(active),
                       [&](std::size_t machine) { return is(machine, router, State::Active); });
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < active.size(); ++i) {
    for (std::size_t j = i + 1; j < active.size(); ++j) {
      pairs.emplace_back(active[i], active[j]);
    }
  }
  return pairs;
}

/// A LAN with somebody who could hold the addresses, and nobody who does. Longest way: a node that
/// is about to stop keeps them, then its resignation is lost on nobody, so a Backup's timer runs
/// out: three intervals and a skew (one second at most in version 2); an Active router that
/// vanished may have been heard just before.
void Invariants::check_nobody(RouterId router) {
  const Duration interval = instance(router).advertisement_interval;
  const Duration skew = instance(router).version == conf::Version::V2 ? Duration(1s) : interval;
  const Duration bound = 3 * interval + skew + kRelease + kVerdict + world_.lan.max_delay;
  for (const auto& [segment, lan] : lans(router)) {
    const auto key = std::pair(router, segment);
    const bool somebody = std::ranges::any_of(
        lan.machines, [&](std::size_t machine) { return world_.node(machine).holds(router); });
    const bool able = std::ranges::any_of(
        lan.machines, [&](std::size_t machine) { return is(machine, router, State::Backup); });
    if (!lan.sane || somebody || !able || world_.torn()) {
      nobody_.erase(key);
      continue;
    }
    const Instant since =
        std::max(disturbed_, nobody_.try_emplace(key, world_.now()).first->second);
    if (world_.now() - since > bound) {
      violated(fmt::format("router {}: nobody on segment {} for {} us", router, segment,
                           (world_.now() - since).count()));
    }
  }
}

/// Nothing is announced that is not here. Who runs and is not Active holds nothing; who does not
/// run holds nothing beyond its lease.
void Invariants::check_addresses(RouterId router) {
  for (std::size_t i = 0; i < world_.size(); ++i) {
    const Machine& machine = world_.node(i);
    if (machine.false_announcements > 0) {
      violated(fmt::format("node {} announced what it did not hold", i));
    }
    const auto held = machine.held.find(router);
    if (held == machine.held.end()) {
      continue;
    }
    if (instance(router).lease != 0s && held->second < world_.now()) {
      violated(fmt::format("router {}: node {} outlives its lease", router, i));
    }
    if (runs(i) && machine.daemon->routers().at(router).settled() &&
        !vrrp::holds_addresses(machine.daemon->routers().at(router).state())) {
      violated(fmt::format("router {}: node {} holds addresses and is not Active", router, i));
    }
  }
}

/// All or nothing: no router of a group is Active next to one that is not.
void Invariants::check_groups() {
  for (std::size_t i = 0; i < world_.size(); ++i) {
    if (!runs(i)) {
      continue;
    }
    std::map<std::string, State> states;
    for (const auto& router : world_.node(i).daemon->routers()) {
      const std::string& group = router.instance().sync_group.empty()
                                     ? router.instance().name
                                     : router.instance().sync_group;
      const auto [first, fresh] = states.emplace(group, router.state().state);
      if (!fresh && (first->second == State::Active) != (router.state().state == State::Active)) {
        violated(fmt::format("node {}: group {} is torn", i, group));
      }
    }
  }
}

/// In any second a router sends its schedule, an answer each 10 ms at most, and a handful of
/// packets for each change of state, of which a fault makes few.
void Invariants::check_packets() {
  if (world_.now() - second_began_ < 1s) {
    return;
  }
  second_began_ = world_.now();
  for (std::size_t i = 0; i < world_.size(); ++i) {
    std::uint64_t most = 0;
    for (RouterId router = 0; router < instances_.size(); ++router) {
      const auto schedule =
          static_cast<std::uint64_t>(2s / Duration(instance(router).advertisement_interval));
      most += schedule + 2 * 100 + 50;
    }
    const std::uint64_t sent = world_.node(i).packets_sent - sent_before_[i];
    sent_before_[i] = world_.node(i).packets_sent;
    // The window may be almost two seconds long: it ends with the first step after one.
    if (sent > most) {
      violated(fmt::format("node {} sent {} packets in a second or two", i, sent));
    }
  }
}

void Invariants::violated(const std::string& what) {
  if (violation_.empty()) {
    violation_ = fmt::format(
        "{:.6f}: {}", std::chrono::duration<double>(world_.now().time_since_epoch()).count() - 3600,
        what);
  }
}

}  // namespace haguard::sim
