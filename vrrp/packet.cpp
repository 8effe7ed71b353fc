#include "vrrp/packet.h"

#include <algorithm>
#include <optional>

#include "vrrp/checksum.h"
#include "vrrp/timing.h"

namespace haguard::vrrp {
namespace {

constexpr std::uint8_t kTypeAdvertisement = 1;
constexpr std::size_t kFixedPart = 8;
constexpr std::size_t kAuthenticationPart = 8;
constexpr std::size_t kLongestAddress = 16;
constexpr std::size_t kChecksumOffset = 6;

/// CARP's body: version 2, type 1, length field 7 where VRRP counts addresses, 36 bytes.
constexpr std::size_t kCarpSize = 36;
constexpr std::uint8_t kCarpAuthLength = 7;

std::uint16_t load16(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

void store16(std::span<std::uint8_t> bytes, std::size_t at, std::uint16_t value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<std::uint8_t>(value & 0xff);
}

std::uint32_t covered_addresses(ChecksumForm form, const Envelope& envelope, std::size_t length) {
  switch (form) {
    case ChecksumForm::PseudoHeader:
      return pseudo_header(envelope.source, envelope.destination, length, kProtocolNumber);
    case ChecksumForm::MulticastPseudoHeader:
      return pseudo_header(envelope.source, multicast_group(envelope.source.family()), length,
                           kProtocolNumber);
    case ChecksumForm::None:
      break;
  }
  return 0;
}

/// Over a message whose checksum field is filled in, the sum of a good one is all ones.
bool checksum_holds(std::span<const std::uint8_t> message, ChecksumForm form,
                    const Envelope& envelope) {
  return fold(add_words(covered_addresses(form, envelope, message.size()), message)) == 0xffff;
}

std::optional<ChecksumForm> find_form(std::span<const std::uint8_t> message, conf::Version version,
                                      const Envelope& envelope) {
  if (version == conf::Version::V2) {
    // RFC 3768 5.3.8: the message alone
    return checksum_holds(message, ChecksumForm::None, envelope) ? std::optional(ChecksumForm::None)
                                                                 : std::nullopt;
  }
  if (checksum_holds(message, ChecksumForm::PseudoHeader, envelope)) {
    return ChecksumForm::PseudoHeader;
  }
  if (envelope.source.family() == Family::Ipv6) {
    return std::nullopt;
  }
  if (checksum_holds(message, ChecksumForm::None, envelope)) {
    return ChecksumForm::None;
  }
  if (!envelope.destination.is_multicast() &&
      checksum_holds(message, ChecksumForm::MulticastPseudoHeader, envelope)) {
    return ChecksumForm::MulticastPseudoHeader;
  }
  return std::nullopt;
}

bool looks_like_carp(std::span<const std::uint8_t> message) {
  return message.size() == kCarpSize && message[3] == kCarpAuthLength;
}

/// Version, type and length, before anything else is believed.
std::optional<Reject> reject_shape(std::span<const std::uint8_t> message, Family family) {
  if (message.size() < kFixedPart) {
    return Reject::Truncated;
  }
  const unsigned version = message[0] >> 4;
  if (version != 3 && !(version == 2 && family == Family::Ipv4)) {
    return Reject::Version;
  }
  if ((message[0] & 0x0f) != kTypeAdvertisement) {
    return Reject::Type;
  }
  if (version == 2 && looks_like_carp(message)) {
    return Reject::Carp;
  }
  const std::size_t count = message[3];
  const std::size_t expected = kFixedPart + count * (family == Family::Ipv4 ? 4 : 16) +
                               (version == 2 ? kAuthenticationPart : 0);
  if (message.size() != expected) {
    return message.size() < expected ? Reject::Truncated : Reject::TrailingBytes;
  }
  return std::nullopt;
}

}  // namespace

IpAddress multicast_group(Family family) {
  static const IpAddress kIpv4 = IpAddress::v4(224, 0, 0, 18);
  static const IpAddress kIpv6 = *IpAddress::parse("ff02::12");
  return family == Family::Ipv4 ? kIpv4 : kIpv6;
}

std::string_view to_string(Reject reject) {
  switch (reject) {
    case Reject::Truncated:
      return "truncated";
    case Reject::TrailingBytes:
      return "trailing_bytes";
    case Reject::Version:
      return "version";
    case Reject::Type:
      return "type";
    case Reject::Checksum:
      return "checksum";
    case Reject::AddressCount:
      return "address_count";
    case Reject::Ttl:
      return "ttl";
    case Reject::UnknownVrid:
      return "unknown_vrid";
    case Reject::AuthType:
      return "auth_type";
    case Reject::AuthPassword:
      return "auth_password";
    case Reject::IntervalZero:
      return "interval_zero";
    case Reject::IntervalMismatch:
      return "interval_mismatch";
    case Reject::OwnSource:
      return "own_source";
    case Reject::Source:
      return "source";
    case Reject::Carp:
      return "carp";
  }
  return "unknown";
}

std::variant<Advertisement, Reject> decode(std::span<const std::uint8_t> message,
                                           const Envelope& envelope) {
  const Family family = envelope.source.family();
  if (const auto reject = reject_shape(message, family)) {
    return *reject;
  }
  Advertisement advertisement;
  advertisement.version = message[0] >> 4 == 2 ? conf::Version::V2 : conf::Version::V3;
  const auto form = find_form(message, advertisement.version, envelope);
  if (!form) {
    return Reject::Checksum;
  }
  advertisement.checksum_form = *form;
  advertisement.virtual_router_id = message[1];
  advertisement.priority = message[2];

  const std::size_t address_size = family == Family::Ipv4 ? 4 : 16;
  auto rest = message.subspan(kFixedPart);
  advertisement.addresses.reserve(message[3]);
  for (std::size_t i = 0; i < message[3]; ++i, rest = rest.subspan(address_size)) {
    advertisement.addresses.push_back(*IpAddress::from_bytes(rest.first(address_size)));
  }
  if (advertisement.version == conf::Version::V3) {
    if (message[3] == 0) {
      return Reject::AddressCount;  // RFC 9568 5.2.5
    }
    // RFC 9568 5.2.6: the four reserved bits are ignored
    advertisement.interval = Centiseconds(load16(message, 4) & 0x0fff);
    return advertisement;
  }
  advertisement.auth_type = AuthType(message[4]);
  advertisement.interval = std::chrono::seconds(message[5]);
  std::ranges::copy(rest, advertisement.auth_data.begin());
  return advertisement;
}

std::vector<std::uint8_t> encode(const Advertisement& advertisement, const Envelope& envelope) {
  const bool v2 = advertisement.version == conf::Version::V2;
  std::vector<std::uint8_t> message;
  message.reserve(kFixedPart + advertisement.addresses.size() * kLongestAddress +
                  kAuthenticationPart);
  message.resize(kFixedPart);
  message[0] = static_cast<std::uint8_t>(static_cast<unsigned>(advertisement.version) << 4 |
                                         kTypeAdvertisement);
  message[1] = advertisement.virtual_router_id;
  message[2] = advertisement.priority;
  message[3] = static_cast<std::uint8_t>(advertisement.addresses.size());
  if (v2) {
    message[4] = static_cast<std::uint8_t>(advertisement.auth_type);
    message[5] = static_cast<std::uint8_t>(
        std::chrono::duration_cast<std::chrono::seconds>(advertisement.interval).count());
  } else {
    const auto interval = to_centiseconds(advertisement.interval).count();
    store16(message, 4, static_cast<std::uint16_t>(interval & 0x0fff));
  }
  for (const IpAddress& address : advertisement.addresses) {
    message.insert(message.end(), address.bytes().begin(), address.bytes().end());
  }
  if (v2) {
    message.insert(message.end(), advertisement.auth_data.begin(), advertisement.auth_data.end());
  }
  const ChecksumForm form = v2 ? ChecksumForm::None : advertisement.checksum_form;
  const std::uint32_t sum = add_words(covered_addresses(form, envelope, message.size()), message);
  store16(message, kChecksumOffset, static_cast<std::uint16_t>(~fold(sum)));
  return message;
}

}  // namespace haguard::vrrp
