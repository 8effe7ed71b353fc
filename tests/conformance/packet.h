#pragma once
// Advertisements as these tests read and write them: by the figures of RFC 9568 5.1 and RFC 3768
// 5.1, and without a line of the daemon's own codec, so that a mistake in it cannot hide itself.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace haguard::conformance {

using Bytes = std::vector<std::uint8_t>;

/// What the checksum of a crafted packet covers beside the message.
enum class Covers : std::uint8_t {
  Message,  ///< nothing: RFC 9568 5.2.8 for IPv4, RFC 3768 5.3.8
  Header,   ///< source and destination as sent: RFC 5798 5.2.8
  Group,    ///< the group although it is sent unicast: old keepalived
};

/// A packet with its IP header; every field can be wrong.
struct Packet {
  int version = 3;
  int type = 1;
  int vrid = 51;
  int priority = 100;
  int interval = 100;  ///< version 3: centiseconds; version 2: seconds
  std::vector<std::string> addresses{"192.0.2.10"};
  int reserved = 0;                 ///< version 3: the four bits of 5.2.6
  std::optional<int> count{};       ///< instead of the number of addresses
  int auth_type = 0;                ///< version 2
  std::string auth_data{};          ///< version 2: the first of the eight bytes
  std::string trailer{};            ///< bytes behind a complete message, covered by the checksum
  std::size_t cut = 0;              ///< so many bytes are missing at the end
  std::optional<int> checksum{};    ///< instead of the right one
  Covers covers = Covers::Message;  ///< version 3
  std::string source = "192.0.2.9";
  std::string destination = "224.0.0.18";
  int ttl = 255;
  std::string interface = "eth0";

  [[nodiscard]] Bytes message() const;
};

/// The default of version 2: an advertisement each second.
[[nodiscard]] Packet version_2();

/// In front of a message: an IPv4 header of 20 bytes and `options`, protocol 112, with `packet`'s
/// addresses and TTL. Its own checksum is zero; the kernel has verified it before anybody reads it.
[[nodiscard]] Bytes ipv4_datagram(const Packet& packet, const Bytes& options = {});

[[nodiscard]] Bytes from_hex(std::string_view digits);
[[nodiscard]] std::string to_hex(const Bytes& bytes);
/// "192.0.2.1" or "fe80::1" as 4 or 16 bytes.
[[nodiscard]] Bytes address_bytes(const std::string& text);
[[nodiscard]] std::string address_text(const Bytes& bytes);

/// Of an Ethernet frame with an IPv6 packet of one ICMPv6 message (RFC 4443 2.3).
[[nodiscard]] bool icmpv6_checksum_holds(const Bytes& frame);

/// What a message says: "100 every 100 cs", in version 2 "100 every 1 s"; "malformed …" when its
/// length or its checksum is wrong.
[[nodiscard]] std::string read_message(const Bytes& message, const std::string& source,
                                       const std::string& destination);

}  // namespace haguard::conformance
