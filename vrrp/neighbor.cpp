#include "vrrp/neighbor.h"

#include <algorithm>
#include <span>
#include <utility>

#include "vrrp/checksum.h"

namespace haguard::vrrp {
namespace {

constexpr MacAddress kAllNodesMac{{0x33, 0x33, 0, 0, 0, 1}};  // RFC 2464 7
constexpr std::uint8_t kIcmpv6 = 58;

}  // namespace

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

std::array<std::uint8_t, 86> unsolicited_advertisement(const MacAddress& from,
                                                       const IpAddress& address) {
  static const IpAddress kAllNodes = *IpAddress::parse("ff02::1");
  std::array<std::uint8_t, 86> frame{};
  auto at = frame.begin();
  const auto put = [&at](auto&& bytes) { at = std::copy(bytes.begin(), bytes.end(), at); };
  put(kAllNodesMac.bytes);
  put(from.bytes);
  put(std::array<std::uint8_t, 2>{0x86, 0xdd});
  // Version 6; 32 bytes of ICMPv6; hop limit 255, else receivers drop it (RFC 4861 7.1.2)
  put(std::array<std::uint8_t, 8>{0x60, 0, 0, 0, 0, 32, kIcmpv6, 255});
  put(address.bytes());
  put(kAllNodes.bytes());
  const auto message = std::span(frame).subspan<54>();
  // Type 136, code 0, checksum to come; flags: Override alone
  put(std::array<std::uint8_t, 8>{136, 0, 0, 0, 0x20, 0, 0, 0});
  put(address.bytes());
  put(std::array<std::uint8_t, 2>{2, 1});  // Target Link-Layer Address, 1 × 8 bytes
  put(from.bytes);
  const auto sum = add_words(pseudo_header(address, kAllNodes, message.size(), kIcmpv6), message);
  const unsigned checksum = ~unsigned{fold(sum)} & 0xffffU;
  message[2] = static_cast<std::uint8_t>(checksum >> 8U);
  message[3] = static_cast<std::uint8_t>(checksum & 0xffU);
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
