#include "vrrp/neighbor.h"

#include <algorithm>
#include <span>
#include <utility>

#include "vrrp/checksum.h"

namespace haguard::vrrp {
namespace {

constexpr MacAddress kAllNodesMac{{0x33, 0x33, 0, 0, 0, 1}};  // RFC 2464 7
constexpr std::uint8_t kIcmpv6 = 58;

std::array<std::uint8_t, 42> arp_frame(ArpOperation operation, const MacAddress& from,
                                       const IpAddress& sender, const MacAddress& target_mac,
                                       const IpAddress& target) {
  std::array<std::uint8_t, 42> frame{};
  auto at = frame.begin();
  const auto put = [&at](auto&& bytes) { at = std::copy(bytes.begin(), bytes.end(), at); };
  put(kBroadcastMac.bytes);
  put(from.bytes);
  // EtherType ARP; hardware type Ethernet, protocol type IPv4, their address lengths (RFC 826)
  put(std::array<std::uint8_t, 8>{0x08, 0x06, 0x00, 0x01, 0x08, 0x00, 6, 4});
  put(std::array<std::uint8_t, 2>{0, static_cast<std::uint8_t>(operation)});
  put(from.bytes);
  put(sender.bytes());
  put(target_mac.bytes);
  put(target.bytes());
  return frame;
}

/// A message of RFC 4861 with one option, which holds the sender's MAC address.
struct NeighborMessage {
  std::uint8_t type;
  std::uint8_t flags;
  std::uint8_t option;
  const IpAddress& target;
};

std::array<std::uint8_t, 86> neighbor_frame(const MacAddress& from, const MacAddress& to,
                                            const IpAddress& source, const IpAddress& destination,
                                            const NeighborMessage& content) {
  std::array<std::uint8_t, 86> frame{};
  auto at = frame.begin();
  const auto put = [&at](auto&& bytes) { at = std::copy(bytes.begin(), bytes.end(), at); };
  put(to.bytes);
  put(from.bytes);
  put(std::array<std::uint8_t, 2>{0x86, 0xdd});
  // Version 6; 32 bytes of ICMPv6; hop limit 255, else receivers drop it (RFC 4861 7.1)
  put(std::array<std::uint8_t, 8>{0x60, 0, 0, 0, 0, 32, kIcmpv6, 255});
  put(source.bytes());
  put(destination.bytes());
  const auto message = std::span(frame).subspan<54>();
  // Code 0, checksum to come
  put(std::array<std::uint8_t, 8>{content.type, 0, 0, 0, content.flags, 0, 0, 0});
  put(content.target.bytes());
  put(std::array<std::uint8_t, 2>{content.option, 1});  // 1 × 8 bytes
  put(from.bytes);
  const auto sum = add_words(pseudo_header(source, destination, message.size(), kIcmpv6), message);
  const unsigned checksum = ~unsigned{fold(sum)} & 0xffffU;
  message[2] = static_cast<std::uint8_t>(checksum >> 8U);
  message[3] = static_cast<std::uint8_t>(checksum & 0xffU);
  return frame;
}

}  // namespace

std::array<std::uint8_t, 42> gratuitous_arp(const MacAddress& from, const IpAddress& address,
                                            ArpOperation operation) {
  // Receivers ignore the target's MAC address.
  return arp_frame(operation, from, address, kBroadcastMac, address);
}

std::array<std::uint8_t, 42> arp_request(const MacAddress& from, const IpAddress& source,
                                         const IpAddress& target) {
  return arp_frame(ArpOperation::Request, from, source, MacAddress{}, target);
}

std::array<std::uint8_t, 86> unsolicited_advertisement(const MacAddress& from,
                                                       const IpAddress& address) {
  static const IpAddress kAllNodes = *IpAddress::parse("ff02::1");
  // Type 136; flags: Override alone; Target Link-Layer Address
  return neighbor_frame(from, kAllNodesMac, address, kAllNodes, {136, 0x20, 2, address});
}

std::array<std::uint8_t, 86> neighbor_solicitation(const MacAddress& from, const IpAddress& source,
                                                   const IpAddress& target) {
  const auto last = target.bytes().last<3>();
  std::array<std::uint8_t, 16> group{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff};
  std::ranges::copy(last, group.begin() + 13);
  const MacAddress mac{{0x33, 0x33, 0xff, last[0], last[1], last[2]}};
  // Type 135; Source Link-Layer Address
  return neighbor_frame(from, mac, source, *IpAddress::from_bytes(group), {135, 0, 1, target});
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
