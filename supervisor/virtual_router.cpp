#include "supervisor/virtual_router.h"

#include <algorithm>

#include <fmt/format.h>

#include "supervisor/messages.h"
#include "vrrp/timing.h"

namespace haguard::supervisor {
namespace {

/// After the kernel refused addresses: long enough not to flap, short enough to heal by itself.
constexpr Duration kRefusalRetry = std::chrono::seconds(10);
/// After somebody kept removing them.
constexpr Duration kContestRetry = std::chrono::minutes(1);
/// Longer than a restart of the daemon takes: a quarter of a second or so, and some for the
/// machine.
constexpr Duration kRestart = std::chrono::milliseconds(1500);

}  // namespace

VirtualRouter::VirtualRouter(RouterId id, const conf::Instance& instance, vrrp::Family family,
                             std::optional<RecordedRouter> predecessor, Instant now)
    : id_(id),
      instance_(&instance),
      family_(family),
      settings_(settings_of(instance)),
      holdings_(instance, family),
      device_(conf::virtual_device(instance, family)),
      announcements_(instance.garp),
      startup_at_(instance.startup_delay == Duration::zero() ? kNever
                                                             : now + instance.startup_delay),
      predecessor_(std::move(predecessor)),
      defended_(Instant::min()),
      since_(now) {
  state_.priority = instance.priority;
  link_.interface = instance.interface;
  told_.fill(Instant::min());
}

std::string VirtualRouter::name() const {
  return fmt::format("{}/{}", instance_->name, vrrp::to_string(family_));
}

vrrp::IpAddress VirtualRouter::own_address() const {
  if (instance_->unicast) {
    return instance_->unicast->source;
  }
  const vrrp::IpAddress& own = family_ == vrrp::Family::Ipv4 ? link_.primary : link_.link_local;
  // The owner's own address may be the virtual one and no other.
  return own.is_unspecified() && conf::is_owner(*instance_) ? holdings_.advertised().front() : own;
}

void VirtualRouter::link(const LinkChanged& link) {
  if (holdings_.uses(link.interface)) {
    if (link.present) {
      macs_[link.interface] = link.mac;
    }
    // What the kernel refused may go well now; that we set our own device up and down says nothing.
    const bool own_device = device_ && device_->name() == link.interface;
    retry_at_ = refused_ && !own_device ? Instant::min() : retry_at_;
  }
  if (link.interface == instance_->interface) {
    link_ = link;
    link_known_ = true;
  }
}

void VirtualRouter::found(const AddressesFound& found, Instant now, Output& out) {
  Holdings::Loss loss = holdings_.found(found, now);
  if (loss.addresses.empty()) {
    return;
  }
  if (!loss.expired && holdings_.contested(now)) {
    refuse("somebody removes them again and again", kContestRetry, now);
    return;
  }
  lost_ = std::move(loss);
  // Who was held up listens first.
  if (!state_.stalled) {
    restore(now, out);
  }
}

void VirtualRouter::restore(Instant now, Output& out) {
  tell_restored(out);
  input(vrrp::AddressesLost{}, now, out);
}

void VirtualRouter::tell_restored(Output& out) {
  out.notices.emplace_back(AddressesRestored{id_, std::move(lost_->addresses), lost_->expired});
  lost_.reset();
}

void VirtualRouter::stalled(Duration late, Instant now, Output& out) {
  if (late > settings_.down_adverts * settings_.advertisement_interval) {
    input(vrrp::Stalled{}, now, out);
  }
}

void VirtualRouter::refused(const std::string& error, Instant now, Output& out) {
  out.notices.emplace_back(AddressesRefused{id_, error});
  if (vrrp::holds_addresses(state_)) {
    refuse(error, kRefusalRetry, now);
  }
}

void VirtualRouter::refuse(std::string why, Duration retry, Instant now) {
  refused_ = std::move(why);
  retry_at_ = now + retry;
}

void VirtualRouter::rate(const health::Fitness& fitness, Output& out) {
  const int before = fitness_.effective;
  fitness_ = fitness;
  if (!rated_) {
    // The first sum is where it starts, not a change.
    rated_ = !fitness.pending;
  } else if (before != fitness.effective) {
    out.notices.emplace_back(PriorityChanged{id_, before, fitness});
  }
}

void VirtualRouter::hold_down(const health::HoldDown& checks) {
  if (checks.until > held_down_.until) {
    held_down_ = checks;
    state_.held_down = checks.until;
  }
}

bool VirtualRouter::may_adopt() const {
  return predecessor_ && predecessor_->addresses == record_of_addresses(holdings_.addresses()) &&
         holdings_.leased() && !link_obstacle() && !fitness_.fault;
}

void VirtualRouter::settle(bool adopt, Instant now, Output& out) {
  settled_ = true;
  if (adopt) {
    adopted_ = true;
    input(vrrp::Adopt{predecessor_->priority}, now, out);
  } else if (conf::is_owner(*instance_)) {
    inherited_ = true;
  } else {
    // A daemon that died here may have left them; nobody knows whose they are now.
    out.actions.emplace_back(RemoveAddresses{id_});
  }
  predecessor_.reset();
}

std::optional<VirtualRouter::Obstacle> VirtualRouter::link_obstacle() const {
  using enum vrrp::Leave;
  if (!link_.present) {
    return Obstacle{fmt::format("fault: interface {} is missing", link_.interface), Mute};
  }
  if (!link_.running) {
    return Obstacle{fmt::format("fault: interface {} is down", link_.interface), Mute};
  }
  if (own_address().is_unspecified()) {
    return Obstacle{fmt::format("fault: interface {} has no {} address", link_.interface,
                                family_ == vrrp::Family::Ipv4 ? "IPv4" : "usable IPv6 link-local"),
                    Mute};
  }
  if (!device_flaw_.empty()) {
    return Obstacle{"fault: " + device_flaw_, Fault};
  }
  return std::nullopt;
}

std::optional<VirtualRouter::Obstacle> VirtualRouter::obstacle(Order order) const {
  using enum vrrp::Leave;
  if (order == Order::Stop) {
    return Obstacle{"stopped", Planned};
  }
  if (!settled_) {
    return Obstacle{"starting", Fault, true};
  }
  const Obstacle drained{kDrained, Planned};
  if (order == Order::StayOut && !vrrp::holds_addresses(state_)) {
    return drained;  // whatever else there is
  }
  if (auto found = link_obstacle()) {
    return found;
  }
  if (refused_) {
    return Obstacle{"fault: addresses: " + *refused_, Fault};
  }
  if (fitness_.fault) {
    return Obstacle{"fault: " + *fitness_.fault, Fault};
  }
  if (order == Order::StayOut) {
    return drained;
  }
  if (adopted_) {
    return std::nullopt;
  }
  if (fitness_.pending) {
    return Obstacle{"waiting for the first verdict of every check", Fault, true};
  }
  if (startup_at_ != kNever) {
    return Obstacle{"waiting for the end of startup_delay", Fault, true};
  }
  return std::nullopt;
}

void VirtualRouter::follow(const std::optional<Obstacle>& obstacle, Instant now, Output& out) {
  adopted_ = adopted_ && fitness_.pending && !obstacle;
  if (std::exchange(inherited_, inherited_ && obstacle && obstacle->waiting) && obstacle &&
      !obstacle->waiting) {
    out.actions.emplace_back(RemoveAddresses{id_});
  }
  if (obstacle) {
    if (state_.state == vrrp::State::Initialize) {
      reason_ = obstacle->why;
    } else {
      obstacle_ = obstacle->why;
    }
    input(vrrp::Disable{obstacle->leave}, now, out);
  } else if (state_.state == vrrp::State::Initialize) {
    input(vrrp::Enable{fitness_.effective}, now, out);
  } else if (state_.priority != fitness_.effective && !adopted_) {
    record_changed_ = true;
    const int priority = fitness_.effective;
    if (priority < state_.priority && would_lose(priority)) {
      input(vrrp::Contest{priority}, now, out);
    } else {
      input(vrrp::SetPriority{priority}, now, out);
    }
  }
}

/// Without preemption a peer that was never heard would wait for ever: it is asked in any case.
bool VirtualRouter::would_lose(int priority) const {
  if (!instance_->preempt && peers_.empty()) {
    return true;
  }
  return std::ranges::any_of(peers_, [&](const auto& peer) {
    return std::pair(peer.second.priority, peer.first) > std::pair(priority, own_address());
  });
}

void VirtualRouter::yield(Instant now, Output& out) {
  input(vrrp::Yield{}, now, out);
}

void VirtualRouter::wait_once_more(Instant now, Output& out) {
  input(vrrp::WaitOnceMore{}, now, out);
}

void VirtualRouter::offer(Duration limit, Instant now, Output& out) {
  input(vrrp::OfferHandOver{limit}, now, out);
}

bool VirtualRouter::ready_to_take_over(Instant now) const {
  return state_.state == vrrp::State::Backup && now >= state_.timer;
}

bool VirtualRouter::advance(Instant now, bool may_take_over, Output& out) {
  const bool cleared = now >= retry_at_ || now >= startup_at_;
  if (now >= retry_at_) {
    retry_at_ = kNever;
    refused_.reset();
  }
  if (now >= startup_at_) {
    startup_at_ = kNever;
  }
  if (lost_) {
    restore(now, out);
  }
  if (now >= election_deadline() && (may_take_over || !ready_to_take_over(now))) {
    input(vrrp::Expired{}, now, out);
  }
  if (now >= holdings_.renew_at()) {
    add_addresses(now, out, true);
  }
  if (announcements_.due(now)) {
    announce_all(out);
  }
  return cleared;
}

Instant VirtualRouter::chores_deadline() const {
  return std::min({announcements_.next_deadline(), retry_at_, startup_at_, holdings_.renew_at(),
                   lost_ ? Instant::min() : kNever});
}

void VirtualRouter::input(const vrrp::Input& input, Instant now, Output& out) {
  const vrrp::Step next = vrrp::step(settings_, own_address(), state_, input, now);
  state_ = next.state;
  for (const vrrp::RouterAction& action : next.actions) {
    perform(action, now, out);
  }
}

void VirtualRouter::perform(const vrrp::RouterAction& action, Instant now, Output& out) {
  if (std::holds_alternative<vrrp::AddAddresses>(action)) {
    add_addresses(now, out);
  } else if (std::holds_alternative<vrrp::RemoveAddresses>(action)) {
    // Nothing may be announced that is not here.
    announcements_.stop();
    holdings_.removed();
    lost_.reset();
    out.actions.emplace_back(RemoveAddresses{id_});
  } else if (std::holds_alternative<vrrp::Announce>(action)) {
    if (lost_) {
      tell_restored(out);
      add_addresses(now, out);
    }
    announcements_.start(now);
    if (announcements_.due(now)) {
      announce_all(out);
    }
  } else if (const auto* what = std::get_if<vrrp::SendAdvertisement>(&action)) {
    Voice voice{own_address(), checksum_form(), {}};
    if (device_) {
      voice.virtual_mac = device_->mac();
    }
    advertiser_.advertise(*instance_, holdings_.advertised(), *what, voice, out);
    out.notices.emplace_back(AdvertisementSent{id_, what->lateness});
  } else if (const auto* change = std::get_if<vrrp::Transition>(&action)) {
    transition(*change, now, out);
  } else if (const auto* released = std::get_if<vrrp::Released>(&action)) {
    out.notices.emplace_back(HandedOver{id_, released->successor, released->after});
  }
}

void VirtualRouter::add_addresses(Instant now, Output& out, bool renewal) {
  holdings_.added(now);
  out.actions.emplace_back(AddAddresses{id_, renewal});
}

void VirtualRouter::announce_all(Output& out) {
  for (const conf::VirtualAddress& address : holdings_.addresses()) {
    announce(address, macs_, out);
  }
}

void VirtualRouter::transition(const vrrp::Transition& transition, Instant now, Output& out) {
  since_ = now;
  ++transitions_;
  record_changed_ = true;
  StateChanged change{id_, transition, state_.priority, {}};
  if (transition.to == vrrp::State::Initialize) {
    change.obstacle = obstacle_;
  }
  reason_ = supervisor::reason(change);
  out.notices.emplace_back(std::move(change));
  const bool active =
      transition.from == vrrp::State::Active || transition.to == vrrp::State::Active;
  if (!active || transition.cause == vrrp::Cause::Stopped) {
    return;
  }
  if (const auto hold = flapping_.changed(now)) {
    out.notices.emplace_back(HeldDown{{}, id_, flapping_.changes(), *hold});
    hold_down(flapping_.hold_down(name()));
  }
}

std::optional<RecordedRouter> VirtualRouter::record() const {
  // Without a lease nobody adopts them (may_adopt), but `haguard release` has to find them. An
  // owner's are never to be removed.
  if (state_.state != vrrp::State::Active || conf::is_owner(*instance_)) {
    return std::nullopt;
  }
  return RecordedRouter{instance_->name, family_, instance_->virtual_router_id, state_.priority,
                        record_of_addresses(holdings_.addresses())};
}

std::optional<std::string> VirtualRouter::why_not_left() const {
  if (!vrrp::holds_addresses(state_)) {
    return std::nullopt;
  }
  if (state_.state != vrrp::State::Active) {
    return "a hand-over is under way";
  }
  if (!record() || !holdings_.leased()) {
    return "the addresses have no lease";
  }
  // The last advertisement may be as old as the interval.
  if ((instance_->down_adverts - 1) * instance_->advertisement_interval < kRestart) {
    return "its peers wait too short a time";
  }
  return std::nullopt;
}

}  // namespace haguard::supervisor
