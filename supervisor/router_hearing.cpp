// VirtualRouter: what it hears on the LAN, from peers and from strangers.

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "health/weights.h"
#include "supervisor/virtual_router.h"
#include "vrrp/timing.h"

namespace haguard::supervisor {
namespace {

/// One log line per kind of rejected packet in this time (RFC 9568 7.1: rate-limited).
constexpr Duration kRejectLogSpacing = std::chrono::minutes(1);
/// One log line per station that claims our addresses in this time.
constexpr Duration kConflictLogSpacing = std::chrono::minutes(1);
/// RFC 5227 2.4 (c): DEFEND_INTERVAL.
constexpr Duration kDefendInterval = std::chrono::seconds(10);
/// Anybody on the LAN can invent sources; a real group has a handful.
constexpr std::size_t kMaxPeers = 16;

/// True at most once per `spacing`.
bool take_turn(Instant& last, Duration spacing, Instant now) {
  if (last != Instant::min() && now - last < spacing) {
    return false;
  }
  last = now;
  return true;
}

}  // namespace

void VirtualRouter::receive(const PacketArrived& packet, const VridSet& taken, Instant now,
                            Output& out) {
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
  tell_differences(advertisement, packet.source, taken, out);
  if (const auto why = vrrp::reject_content(*instance_, advertisement)) {
    const bool told = *why == vrrp::Reject::Version || *why == vrrp::Reject::IntervalMismatch ||
                      *why == vrrp::Reject::AuthType;
    reject(*why, packet.source, now, out, told);
    return;
  }
  heard_form_ = advertisement.checksum_form;
  remember(packet.source, advertisement.priority, now);
  out.notices.emplace_back(AdvertisementReceived{id_});
  input(vrrp::Heard{packet.source, advertisement.priority, advertisement.interval}, now, out);
}

void VirtualRouter::tell_differences(const vrrp::Advertisement& advertisement,
                                     const vrrp::IpAddress& source, const VridSet& taken,
                                     Output& out) {
  for (auto& finding :
       differences_.news(*instance_, holdings_.advertised(), advertisement, source, taken)) {
    out.notices.emplace_back(PeerDiffers{id_, source, std::move(finding.how)});
  }
}

void VirtualRouter::doubt_weights(const std::vector<health::Standing>& checks, Output& out) {
  // Without preemption no weight moves anything, which is told before the start.
  if (state_.state != vrrp::State::Active || !instance_->preempt || fitness_.pending ||
      fitness_.fault || peers_.empty()) {
    return;
  }
  std::pair<int, vrrp::IpAddress> best;
  for (const auto& [address, peer] : peers_) {
    best = std::max(best, std::pair(peer.priority, address));
  }
  // One that has resigned has no priority to compare with.
  if (best.first == vrrp::kPriorityResign || best == std::exchange(doubted_, best)) {
    return;
  }
  for (const health::Fall& fall : health::single_failures(instance_->priority, checks)) {
    if (auto flaw = health::flaw_of_weight(fall, "it", best.first)) {
      out.notices.emplace_back(
          PeerDiffers{id_, best.second, fmt::format("and check {}: {}", fall.check, *flaw)});
    }
  }
}

void VirtualRouter::reject(vrrp::Reject reject, const vrrp::IpAddress& source, Instant now,
                           Output& out, bool told_otherwise) {
  Instant& told = told_[static_cast<std::size_t>(reject)];
  const bool tell = !told_otherwise && take_turn(told, kRejectLogSpacing, now);
  out.notices.emplace_back(PacketRejected{id_, reject, source, tell});
}

void VirtualRouter::remember(const vrrp::IpAddress& source, int priority, Instant now) {
  if (peers_.size() >= kMaxPeers && !peers_.contains(source)) {
    peers_.erase(std::ranges::min_element(
        peers_, {}, [](const auto& peer) { return peer.second.last_advert; }));
  }
  peers_[source] = {priority, now};
}

void VirtualRouter::claimed(const NeighborClaimed& claim, Instant now, Output& out) {
  const auto own = macs_.find(claim.interface);
  if (state_.state != vrrp::State::Active || own == macs_.end() || own->second == claim.mac ||
      !holdings_.contains(claim.interface, claim.address)) {
    return;
  }
  if (conflicts_told_.size() >= kMaxPeers && !conflicts_told_.contains(claim.mac)) {
    conflicts_told_.clear();
  }
  Instant& told = conflicts_told_.try_emplace(claim.mac, Instant::min()).first->second;
  out.notices.emplace_back(
      AddressConflict{id_, claim.address, claim.mac, take_turn(told, kConflictLogSpacing, now)});
  if (take_turn(defended_, kDefendInterval, now)) {
    announce_all(out);
  }
}

vrrp::ChecksumForm VirtualRouter::checksum_form() const {
  if (family_ == vrrp::Family::Ipv6) {
    return vrrp::ChecksumForm::PseudoHeader;
  }
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

}  // namespace haguard::supervisor
