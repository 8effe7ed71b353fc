#include "vrrp/neighbor.h"

#include <algorithm>
#include <utility>

namespace haguard::vrrp {

std::array<std::uint8_t, 42> gratuitous_arp(const MacAddress& from, const IpAddress& address,
                                            ArpOperation operation) {
  std::array<std::uint8_t, 42> frame{};
  auto at = frame.begin();
  const auto put = [&at](auto&& bytes) { at = std::copy(bytes.begin(), bytes.end(), at); };
  put(kBroadcastMac.bytes);
  put(from.bytes);
  // EtherType ARP; hardware type Ethernet, protocol type IPv4, their address lengths (RFC 826)
  put(std::array<std::uint8_t, 8>{0x08, 0x06, 0x00, 0x01, 0x08, 0x00, 6, 4});
  put(std::array<std::uint8_t, 2>{0, static_cast<std::uint8_t>(operation)});
  put(from.bytes);
  put(address.bytes());
  put(kBroadcastMac.bytes);  // receivers ignore it
  put(address.bytes());
  return frame;
}

AnnounceSchedule::AnnounceSchedule(conf::Garp settings) : settings_(std::move(settings)) {}

void AnnounceSchedule::start(Instant now) {
  started_ = now;
  position_ = 0;
  if (!settings_.schedule.empty()) {
    next_ = now + settings_.schedule.front();
  } else {
    next_ = settings_.refresh > Duration::zero() ? now + settings_.refresh : kNever;
  }
}

void AnnounceSchedule::stop() {
  next_ = kNever;
}

bool AnnounceSchedule::due(Instant now) {
  if (now < next_) {
    return false;
  }
  const auto& schedule = settings_.schedule;
  while (position_ < schedule.size() && started_ + schedule[position_] <= now) {
    ++position_;
  }
  if (position_ < schedule.size()) {
    next_ = started_ + schedule[position_];
  } else {
    next_ = settings_.refresh > Duration::zero() ? now + settings_.refresh : kNever;
  }
  return true;
}

}  // namespace haguard::vrrp
