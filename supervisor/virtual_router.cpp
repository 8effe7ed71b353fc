#include "supervisor/virtual_router.h"

#include <algorithm>

#include <fmt/format.h>

#include "supervisor/messages.h"
#include "vrrp/timing.h"

namespace haguard::supervisor {
namespace {

/// After the kernel refused addresses: long enough not to flap, short enough to heal by itself.
constexpr Duration kRefusalRetry = std::chrono::seconds(10);
/// One log line per kind of rejected packet in this time (RFC 9568 7.1: rate-limited).
constexpr Duration kRejectLogSpacing = std::chrono::minutes(1);
/// Anybody on the LAN can invent sources; a real group has a handful.
constexpr std::size_t kMaxPeers = 16;

vrrp::RouterSettings settings_of(const conf::Instance& instance) {
  return {instance.version, instance.advertisement_interval, instance.down_adverts,
          instance.preempt, instance.fast_abdication};
}

/// Left-justified, NUL-padded (RFC 2338 5.3.10.1).
std::array<std::uint8_t, 8> auth_data(const std::string& password) {
  std::array<std::uint8_t, 8> data{};
  std::copy_n(password.begin(), std::min(password.size(), data.size()), data.begin());
  return data;
}

}  // namespace

VirtualRouter::VirtualRouter(RouterId id, const conf::Instance& instance, Instant now)
    : id_(id),
      instance_(&instance),
      settings_(settings_of(instance)),
      announcements_(instance.garp),
      since_(now) {
  state_.priority = instance.priority;
  link_.interface = instance.interface;
  told_.fill(now - kRejectLogSpacing);
}

bool VirtualRouter::matches(std::string_view interface, int virtual_router_id) const {
  return instance_->interface == interface && instance_->virtual_router_id == virtual_router_id;
}

vrrp::IpAddress VirtualRouter::own_address() const {
  return instance_->unicast ? instance_->unicast->source : link_.primary;
}

void VirtualRouter::link(const LinkChanged& link) {
  macs_[link.interface] = link.mac;
  if (link.interface == instance_->interface) {
    link_ = link;
  }
}

void VirtualRouter::receive(const PacketArrived& packet, Instant now, Output& out) {
  const vrrp::Arrival arrival{{packet.source, packet.destination}, packet.ttl};
  if (packet.source == own_address()) {
    reject(vrrp::Reject::OwnSource, packet.source, now, out);
    return;
  }
  if (const auto why = vrrp::reject_arrival(*instance_, arrival)) {
    reject(*why, packet.source, now, out);
    return;
  }
  const auto decoded = vrrp::decode(packet.message, arrival.envelope);
  if (const auto* why = std::get_if<vrrp::Reject>(&decoded)) {
    reject(*why, packet.source, now, out);
    return;
  }
  const auto& advertisement = std::get<vrrp::Advertisement>(decoded);
  if (const auto why = vrrp::reject_content(*instance_, advertisement)) {
    reject(*why, packet.source, now, out);
    return;
  }
  heard_form_ = advertisement.checksum_form;
  remember(packet.source, advertisement.priority, now);
  out.notices.emplace_back(AdvertisementReceived{id_});
  input(vrrp::Heard{packet.source, advertisement.priority, advertisement.interval}, now, out);
}

void VirtualRouter::reject(vrrp::Reject reject, const vrrp::IpAddress& source, Instant now,
                           Output& out) {
  Instant& told = told_[static_cast<std::size_t>(reject)];
  const bool tell = now - told >= kRejectLogSpacing;
  if (tell) {
    told = now;
  }
  out.notices.emplace_back(PacketRejected{id_, reject, source, tell});
}

void VirtualRouter::remember(const vrrp::IpAddress& source, int priority, Instant now) {
  if (peers_.size() >= kMaxPeers && !peers_.contains(source)) {
    peers_.erase(std::ranges::min_element(
        peers_, {}, [](const auto& peer) { return peer.second.last_advert; }));
  }
  peers_[source] = {priority, now};
}

void VirtualRouter::applied(const std::string& error, Instant now, Output& out) {
  if (error.empty()) {
    return;
  }
  out.notices.emplace_back(AddressesRefused{id_, error});
  if (vrrp::holds_addresses(state_)) {
    refused_ = error;
    retry_at_ = now + kRefusalRetry;
  }
}

std::optional<VirtualRouter::Obstacle> VirtualRouter::obstacle(bool stopping) const {
  using enum vrrp::Leave;
  if (stopping) {
    return Obstacle{"stopped", Planned};
  }
  if (!link_.present) {
    return Obstacle{fmt::format("fault: interface {} is missing", link_.interface), Mute};
  }
  if (!link_.running) {
    return Obstacle{fmt::format("fault: interface {} is down", link_.interface), Mute};
  }
  if (own_address().is_unspecified()) {
    return Obstacle{fmt::format("fault: interface {} has no IPv4 address", link_.interface), Mute};
  }
  if (refused_) {
    return Obstacle{"fault: addresses: " + *refused_, Fault};
  }
  if (fitness_.fault) {
    return Obstacle{"fault: " + *fitness_.fault, Fault};
  }
  if (fitness_.pending) {
    return Obstacle{"waiting for the first verdict of every check", Fault};
  }
  return std::nullopt;
}

void VirtualRouter::assess(const health::Fitness& fitness, bool stopping, Instant now,
                           Output& out) {
  const int before = fitness_.effective;
  fitness_ = fitness;
  if (!assessed_) {
    // The first sum is where it starts, not a change.
    assessed_ = !fitness.pending;
  } else if (before != fitness.effective) {
    out.notices.emplace_back(PriorityChanged{id_, before, fitness});
  }
  if (const auto found = obstacle(stopping)) {
    if (state_.state == vrrp::State::Initialize) {
      reason_ = found->why;
    } else {
      obstacle_ = found->why;
    }
    input(vrrp::Disable{found->leave}, now, out);
  } else if (state_.state == vrrp::State::Initialize) {
    input(vrrp::Enable{fitness.effective}, now, out);
  } else if (state_.priority != fitness.effective) {
    input(vrrp::SetPriority{fitness.effective}, now, out);
  }
}

void VirtualRouter::advance(Instant now, Output& out) {
  if (now >= retry_at_) {
    retry_at_ = kNever;
    refused_.reset();
  }
  if (now >= vrrp::next_deadline(state_)) {
    input(vrrp::Expired{}, now, out);
  }
  if (announcements_.due(now)) {
    announce(out);
  }
}

Instant VirtualRouter::next_deadline() const {
  return std::min({vrrp::next_deadline(state_), announcements_.next_deadline(), retry_at_});
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
    out.actions.emplace_back(AddAddresses{id_});
  } else if (std::holds_alternative<vrrp::RemoveAddresses>(action)) {
    // Nothing may be announced that is not here.
    announcements_.stop();
    out.actions.emplace_back(RemoveAddresses{id_});
  } else if (std::holds_alternative<vrrp::Announce>(action)) {
    announcements_.start(now);
    if (announcements_.due(now)) {
      announce(out);
    }
  } else if (const auto* advertisement = std::get_if<vrrp::SendAdvertisement>(&action)) {
    send(*advertisement, out);
  } else if (const auto* change = std::get_if<vrrp::Transition>(&action)) {
    transition(*change, now, out);
  } else if (const auto* released = std::get_if<vrrp::Released>(&action)) {
    out.notices.emplace_back(HandedOver{id_, released->successor, released->after});
  }
}

vrrp::ChecksumForm VirtualRouter::checksum_form() const {
  switch (instance_->checksum) {
    case conf::Checksum::Rfc9568:
      return vrrp::ChecksumForm::None;
    case conf::Checksum::Auto:
      return heard_form_.value_or(vrrp::ChecksumForm::PseudoHeader);
    case conf::Checksum::Rfc5798:
      break;
  }
  return vrrp::ChecksumForm::PseudoHeader;
}

void VirtualRouter::send(const vrrp::SendAdvertisement& what, Output& out) {
  vrrp::Advertisement advertisement;
  advertisement.version = instance_->version;
  advertisement.virtual_router_id = instance_->virtual_router_id;
  advertisement.priority = static_cast<std::uint8_t>(what.priority);
  advertisement.interval = what.interval;
  for (const conf::VirtualAddress& address : instance_->virtual_addresses) {
    advertisement.addresses.push_back(address.address);
  }
  if (instance_->password) {
    advertisement.auth_type = vrrp::AuthType::Password;
    advertisement.auth_data = auth_data(*instance_->password);
  }
  advertisement.checksum_form = checksum_form();

  const vrrp::IpAddress source = own_address();
  const auto emit = [&](const vrrp::IpAddress& destination) {
    out.actions.emplace_back(SendPacket{instance_->interface, source, destination,
                                        vrrp::encode(advertisement, {source, destination})});
  };
  if (instance_->unicast) {
    std::ranges::for_each(instance_->unicast->peers, emit);
  } else {
    emit(vrrp::multicast_group(source.family()));
  }
  out.notices.emplace_back(AdvertisementSent{id_, what.lateness});
}

void VirtualRouter::announce(Output& out) {
  for (const conf::VirtualAddress& address : instance_->virtual_addresses) {
    const auto mac = macs_.find(address.interface);
    if (mac == macs_.end()) {
      continue;
    }
    const auto frame =
        vrrp::gratuitous_arp(mac->second, address.address, vrrp::ArpOperation::Request);
    out.actions.emplace_back(SendFrame{address.interface, {frame.begin(), frame.end()}});
  }
}

void VirtualRouter::transition(const vrrp::Transition& transition, Instant now, Output& out) {
  since_ = now;
  ++transitions_;
  StateChanged change{id_, transition, state_.priority, {}};
  if (transition.to == vrrp::State::Initialize) {
    change.obstacle = obstacle_;
  }
  reason_ = supervisor::reason(change);
  out.notices.emplace_back(std::move(change));
}

}  // namespace haguard::supervisor
