#include "vrrp/acceptance.h"

#include <algorithm>

namespace haguard::vrrp {
namespace {

/// In constant time: how long it takes tells nothing about where the first difference is.
bool same_password(const std::array<std::uint8_t, 8>& received, const std::string& configured) {
  unsigned difference = 0;
  for (std::size_t i = 0; i < received.size(); ++i) {
    const auto expected = i < configured.size() ? static_cast<unsigned char>(configured[i]) : 0U;
    difference |= received[i] ^ expected;
  }
  return difference == 0;
}

std::optional<Reject> reject_version_2(const conf::Instance& instance,
                                       const Advertisement& advertisement) {
  const AuthType expected = instance.password ? AuthType::Password : AuthType::None;
  if (advertisement.auth_type != expected) {
    return Reject::AuthType;  // RFC 3768 7.1
  }
  if (instance.password && !same_password(advertisement.auth_data, *instance.password)) {
    return Reject::AuthPassword;  // RFC 2338 5.3.10.1
  }
  if (advertisement.interval != instance.advertisement_interval) {
    return Reject::IntervalMismatch;  // RFC 3768 7.1
  }
  return std::nullopt;
}

}  // namespace

std::optional<Reject> reject_arrival(const conf::Instance& instance, const Arrival& arrival) {
  if (!instance.unicast) {
    if (arrival.envelope.destination != multicast_group(arrival.envelope.destination.family())) {
      return Reject::Source;
    }
    // RFC 9568 7.1, RFC 3768 7.1: it has not crossed a router
    return arrival.ttl == kTimeToLive ? std::nullopt : std::optional(Reject::Ttl);
  }
  const auto& peers = instance.unicast->peers;
  if (arrival.envelope.destination.is_multicast() ||
      std::ranges::find(peers, arrival.envelope.source) == peers.end()) {
    return Reject::Source;
  }
  return arrival.ttl >= instance.unicast->min_ttl ? std::nullopt : std::optional(Reject::Ttl);
}

std::optional<Reject> reject_content(const conf::Instance& instance,
                                     const Advertisement& advertisement) {
  if (advertisement.version != instance.version) {
    return Reject::Version;
  }
  if (advertisement.version == conf::Version::V2) {
    return reject_version_2(instance, advertisement);
  }
  // RFC 9568 erratum 8301. A router that adopted zero would take over at once, again and again.
  if (advertisement.interval == Duration::zero()) {
    return Reject::IntervalZero;
  }
  return std::nullopt;
}

}  // namespace haguard::vrrp
