#include "supervisor/node.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "vrrp/packet.h"

namespace haguard::supervisor {

namespace {

std::optional<RecordedRouter> find_record(const std::vector<RecordedRouter>& predecessor,
                                          const conf::Instance& instance, vrrp::Family family) {
  const auto found = std::ranges::find_if(predecessor, [&](const RecordedRouter& router) {
    return router.instance == instance.name && router.family == family &&
           router.virtual_router_id == instance.virtual_router_id;
  });
  return found == predecessor.end() ? std::nullopt : std::optional(*found);
}

}  // namespace

Node::Node(const conf::Config& config, std::vector<RecordedRouter> predecessor, Instant now,
           const SavedMode& saved)
    : config_(&config),
      started_(now),
      checks_(config, now),
      drain_(config.haproxy.drain_timeout, saved, now) {
  for (const conf::Instance& instance : config.instances) {
    for (const vrrp::Family family : conf::families(instance)) {
      routers_.emplace_back(next_id_++, instance, family,
                            find_record(predecessor, instance, family), now);
    }
  }
  arrange();
  if (checks_.monitor()) {
    reloads_.emplace(config.haproxy);
  }
  if (reloads_ && config.haproxy.mode == conf::HaproxyMode::Managed) {
    managed_.emplace(config.haproxy);
  }
}

void Node::start(Instant now, Output& out) {
  drain_.start(out);
  if (managed_) {
    managed_->start(out);
  }
  checks_.start(now, out);
  if (reloads_) {
    reloads_->start(checks_, now, out);
  }
  advance(now, out);
}

void Node::handle(const Event& event, Instant now, Output& out) {
  if (const auto* packet = std::get_if<PacketArrived>(&event)) {
    // Changes nothing of who may take part, and there may be many.
    packet_arrived(*packet, now, out);
    return;
  }
  if (const auto* claim = std::get_if<NeighborClaimed>(&event)) {
    // Nor does this.
    for (const std::size_t place : index_.owners(claim->address)) {
      routers_[place].claimed(*claim, now, out);
    }
    return;
  }
  const auto* applied = std::get_if<AddressesApplied>(&event);
  if (applied != nullptr && applied->error.empty()) {
    return;  // as it should be
  }
  if (const auto* probe = std::get_if<ProbeFinished>(&event)) {
    // There may be many of these as well.
    checks_.finished(*probe, now, out);
    checks_.take_change() ? decide(now, out) : conclude(now, out);
    return;
  }
  if (const auto* fact = std::get_if<proxy::Event>(&event)) {
    checks_.haproxy(*fact, now, out);
    if (reloads_) {
      reloads_->haproxy(*fact, checks_, now, out);
    }
    if (managed_) {
      managed_->observe(checks_.monitor()->condition());
    }
    drain_.haproxy(*fact, now);
  } else if (inform_reloads(event, now, out)) {
    checks_.take_change() ? decide(now, out) : conclude(now, out);
    return;
  } else if (std::holds_alternative<StopRequested>(event)) {
    stop(now, out);
  } else if (const auto* stay = std::get_if<StayRequested>(&event)) {
    stay_asked(*stay, now, out);
  } else if (!drain_asked(event, now, out)) {
    inform_routers(event, now, out);
  }
  decide(now, out);
}

bool Node::inform_reloads(const Event& event, Instant now, Output& out) {
  const auto refuse = [&out](RequestId request) {
    out.notices.emplace_back(RequestDone{request, false, "HAProxy is not watched", {}});
    return true;
  };
  if (const auto* fact = std::get_if<proxy::ReloadEvent>(&event)) {
    if (reloads_) {
      reloads_->handle(*fact, checks_, now, out);
    }
    if (managed_) {
      managed_->handle(*fact, now);
    }
    return true;
  }
  if (const auto* fact = std::get_if<proxy::RunEvent>(&event)) {
    if (managed_) {
      managed_->handle(*fact, *reloads_, checks_, now, out);
    }
    return true;
  }
  if (const auto* reload = std::get_if<ReloadRequested>(&event)) {
    return reloads_ ? reloads_->request(*reload, checks_, now, out) : refuse(reload->request);
  }
  if (const auto* rollback = std::get_if<RollbackRequested>(&event)) {
    return reloads_ ? reloads_->request(*rollback, checks_, now, out) : refuse(rollback->request);
  }
  return false;
}

void Node::inform_routers(const Event& event, Instant now, Output& out) {
  if (const auto* link = std::get_if<LinkChanged>(&event)) {
    link_changed(*link, now, out);
  } else if (const auto* applied = std::get_if<AddressesApplied>(&event)) {
    if (VirtualRouter* router = find(applied->router)) {
      router->refused(applied->error, now, out);
    }
  }
  if (const auto* device = std::get_if<DeviceChecked>(&event)) {
    if (VirtualRouter* router = find(device->router)) {
      router->device_checked(*device);
    }
  }
  for (VirtualRouter& router : routers_) {
    if (const auto* found = std::get_if<AddressesFound>(&event)) {
      router.found(*found, now, out);
    } else if (const auto* stalled = std::get_if<Stalled>(&event)) {
      router.stalled(stalled->late, now, out);
    }
  }
}

void Node::advance(Instant now, Output& out) {
  checks_.advance(now, out);
  if (reloads_) {
    reloads_->advance(checks_, now, out);
  }
  if (managed_) {
    managed_->advance(now, out);
  }
  bool to_decide = checks_.take_change();
  due_.clear();
  agenda_.collect(now, due_);
  for (const std::size_t group : due_) {
    to_decide = groups_[group].advance(routers_, now, out) || to_decide;
  }
  if (to_decide) {
    decide(now, out);
    return;
  }
  for (const std::size_t group : due_) {
    align(group, now, out);
  }
  conclude(now, out);
}

Instant Node::next_deadline() const {
  Instant next = checks_.next_deadline();
  next = std::min(next, reloads_ ? reloads_->next_deadline() : kNever);
  next = std::min(next, managed_ ? managed_->next_deadline() : kNever);
  if (!stopping_) {
    next = std::min(next, drain_.next_deadline());
  }
  return std::min(next, agenda_.next_deadline());
}

/// After the routers have changed.
void Node::arrange() {
  groups_ = make_groups(routers_);
  index_ = RouterIndex(routers_, groups_);
  agenda_ = Agenda(groups_.size());
  for (std::size_t group = 0; group < groups_.size(); ++group) {
    agenda_.set(group, groups_[group].next_deadline(routers_));
  }
}

Names Node::names() const {
  Names names;
  for (const auto* routers : {&routers_, &retired_}) {
    for (const VirtualRouter& router : *routers) {
      names.routers[router.id()] = router.name();
    }
  }
  for (std::size_t i = 0; i < config_->checks.size(); ++i) {
    names.checks[checks_.entries()[i].id] = config_->checks[i].name;
  }
  return names;
}

bool Node::is_device(std::string_view interface) const {
  return std::ranges::any_of(routers_, [interface](const VirtualRouter& router) {
    return router.device() && router.device()->name() == interface;
  });
}

void Node::link_changed(const LinkChanged& link, Instant now, Output& out) {
  const LinkNoted noted{link.interface, link.present, link.running};
  const auto [known, is_new] = links_.try_emplace(link.interface, noted);
  const bool changed =
      is_new || known->second.present != noted.present || known->second.running != noted.running;
  known->second = noted;
  // A device of ours comes and goes with the role of this node.
  if (changed && !is_device(link.interface)) {
    out.notices.emplace_back(noted);
  }
  checks_.link(link, now, out);
  for (VirtualRouter& router : routers_) {
    router.link(link);
  }
}

void Node::packet_arrived(const PacketArrived& packet, Instant now, Output& out) {
  // Enough of it to know whose counter it belongs to.
  if (packet.message.size() < 2) {
    out.notices.emplace_back(PacketRejected{{}, vrrp::Reject::Truncated, packet.source});
    return;
  }
  const std::uint8_t virtual_router_id = packet.message[1];
  const auto router = index_.find(packet.interface, packet.source.family(), virtual_router_id);
  auto vrids = vrids_.find(packet.interface);
  if (vrids == vrids_.end()) {
    vrids = vrids_.emplace(packet.interface, VridSet()).first;
  }
  vrids->second.set(virtual_router_id);
  if (!router) {
    out.notices.emplace_back(PacketRejected{{}, vrrp::Reject::UnknownVrid, packet.source});
    return;
  }
  routers_[*router].receive(packet, vrids->second, now, out);
  align(index_.group_of(*router), now, out);
  conclude(now, out);
}

void Node::decide(Instant now, Output& out) {
  std::vector<std::vector<health::Standing>> standings;
  for (VirtualRouter& router : routers_) {
    const conf::Instance& instance = router.instance();
    standings.push_back(checks_.standings(instance));
    router.rate(health::assess(instance.priority, standings.back()), out);
    router.hold_down(checks_.hold_down(instance));
  }
  for (const SyncGroup& group : groups_) {
    group.decide(routers_, order(), now, out);
  }
  for (std::size_t i = 0; i < routers_.size(); ++i) {
    routers_[i].doubt_weights(standings[i], out);
  }
  for (std::size_t group = 0; group < groups_.size(); ++group) {
    align(group, now, out);
  }
  conclude(now, out);
}

void Node::align(std::size_t group, Instant now, Output& out) {
  groups_[group].align(routers_, now, out);
  record_changed_ = groups_[group].take_record_change(routers_) || record_changed_;
  agenda_.set(group, groups_[group].next_deadline(routers_));
}

void Node::conclude(Instant now, Output& out) {
  save_record(out);
  exit_when_released(now, out);
  advance_drain(now, out);
}

bool Node::drain_asked(const Event& event, Instant now, Output& out) {
  if (const auto* drain = std::get_if<DrainRequested>(&event)) {
    drain_.request(*drain, now, out);
    return true;
  }
  if (const auto* undrain = std::get_if<UndrainRequested>(&event)) {
    drain_.request(*undrain, now, out);
    return true;
  }
  return false;
}

/// Decides anew as often as it gets further, which it does a few times in a drain.
void Node::advance_drain(Instant now, Output& out) {
  if (stopping_ || drain_.idle() || !drain_.advance(scene(), now, out)) {
    return;
  }
  if (drain_.take_offer()) {
    for (const SyncGroup& group : groups_) {
      group.offer(routers_, now, out);
    }
  }
  decide(now, out);
}

Drain::Scene Node::scene() const {
  Drain::Scene scene;
  for (const VirtualRouter& router : routers_) {
    const vrrp::RouterState& state = router.state();
    const bool active = state.state == vrrp::State::Active;
    scene.routers.push_back({router.name(), active,
                             state.offer.has_value() || state.release_at != kNever,
                             active ? std::nullopt : state.active_router});
  }
  if (checks_.monitor()) {
    scene.haproxy = &checks_.monitor()->condition();
  }
  return scene;
}

void Node::save_record(Output& out) {
  if (!std::exchange(record_changed_, false)) {
    return;
  }
  SaveRecord record;
  for (const VirtualRouter& router : routers_) {
    if (auto recorded = router.record()) {
      record.routers.push_back(*std::move(recorded));
    }
  }
  if (record.routers != recorded_) {
    recorded_ = record.routers;
    out.actions.emplace_back(std::move(record));
  }
}

}  // namespace haguard::supervisor
