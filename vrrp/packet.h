#pragma once
// VRRP advertisements as bytes and as values. Pure: no socket, no configuration. What a packet
// means for one virtual router (VRID, password, interval) is decided in vrrp/acceptance.h.
//
//  version 3 (RFC 9568 5.1)                          version 2 (RFC 3768 5.1)
//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  |Version| Type  | Virtual Rtr ID|   Priority    |  Address Count |
//  |Rsvd |  Max Advertise Interval |           Checksum             |   version 2: Auth Type, Adver
//  Int |                     addresses …                                |   version 2: + 8 bytes of
//  authentication

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "conf/config.h"
#include "conf/units.h"
#include "vrrp/address.h"

namespace haguard::vrrp {

inline constexpr std::uint8_t kProtocolNumber = 112;
inline constexpr std::uint8_t kTimeToLive = 255;
/// 224.0.0.18 and ff02::12 (RFC 9568 5.1.1.2, 5.1.2.2).
[[nodiscard]] IpAddress multicast_group(Family family);

/// What the version 3 IPv4 checksum covers.
enum class ChecksumForm : std::uint8_t {
  PseudoHeader,           ///< RFC 5798: with the addresses of the IP header; always so for IPv6
  None,                   ///< RFC 9568 5.2.8, and version 2: the message alone
  MulticastPseudoHeader,  ///< sent unicast, computed as if to the group: old keepalived
};

enum class AuthType : std::uint8_t { None = 0, Password = 1 };

struct Advertisement {
  conf::Version version = conf::Version::V3;
  std::uint8_t virtual_router_id = 0;
  std::uint8_t priority = 0;
  /// Version 3: 0 … 4095 cs. Version 2: whole seconds, 0 … 255 s.
  Duration interval{};
  std::vector<IpAddress> addresses;
  AuthType auth_type = AuthType::None;                      ///< version 2 only
  std::array<std::uint8_t, 8> auth_data{};                  ///< version 2 only, NUL padded
  ChecksumForm checksum_form = ChecksumForm::PseudoHeader;  ///< version 3: used or seen

  bool operator==(const Advertisement&) const = default;
};

/// Why a packet is dropped. One counter each; `reason` of haguard_vrrp_packets_rejected_total.
enum class Reject : std::uint8_t {
  Truncated,      ///< shorter than its fixed part, or than its address count says
  TrailingBytes,  ///< longer than its address count says
  Version,        ///< neither 2 nor 3, or not the one this virtual router speaks
  Type,           ///< not ADVERTISEMENT
  Checksum,
  AddressCount,      ///< version 3 with no address (RFC 9568 5.2.5)
  Ttl,               ///< TTL or hop limit not 255, or below the configured minimum
  UnknownVrid,       ///< no virtual router of ours on that interface
  AuthType,          ///< version 2: another authentication type
  AuthPassword,      ///< version 2: another password
  IntervalZero,      ///< would make us flap (RFC 9568 erratum 8301)
  IntervalMismatch,  ///< version 2: not our interval (RFC 3768 7.1)
  OwnSource,         ///< our own packet came back
  Source,            ///< unicast: not one of the peers; or multicast where unicast is configured
  Carp,              ///< CARP shares protocol number and group
};
inline constexpr std::size_t kRejectCount = static_cast<std::size_t>(Reject::Carp) + 1;

/// snake_case, for metrics and log.
[[nodiscard]] std::string_view to_string(Reject reject);

/// The addresses of the IP header: part of the checksum.
struct Envelope {
  IpAddress source;
  IpAddress destination;
};

/// `message` is the IP payload. Never reads outside of it.
[[nodiscard]] std::variant<Advertisement, Reject> decode(std::span<const std::uint8_t> message,
                                                         const Envelope& envelope);

/// The IP payload, checksum filled in. At most 255 addresses, all of the envelope's family.
[[nodiscard]] std::vector<std::uint8_t> encode(const Advertisement& advertisement,
                                               const Envelope& envelope);

}  // namespace haguard::vrrp
