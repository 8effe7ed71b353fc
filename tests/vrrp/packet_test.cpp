// The golden packets were recomputed by hand from RFC 3768 5.1, RFC 5798 5.2 and RFC 9568 5.2 and
// exchanged with keepalived: VRID 51, priority 100, addresses 192.0.2.10 and .11, source 192.0.2.1.
#include "vrrp/packet.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace haguard::vrrp {
namespace {

using namespace std::chrono_literals;
using conf::Version;

std::vector<std::uint8_t> from_hex(std::string_view hex) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(
        static_cast<std::uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

IpAddress ip(const char* text) {
  return *IpAddress::parse(text);
}

Envelope multicast() {
  return {ip("192.0.2.1"), ip("224.0.0.18")};
}
Envelope unicast() {
  return {ip("192.0.2.1"), ip("192.0.2.2")};
}

Advertisement version_3(ChecksumForm form, int priority = 100, Duration interval = 1s) {
  Advertisement a;
  a.virtual_router_id = 51;
  a.priority = static_cast<std::uint8_t>(priority);
  a.interval = interval;
  a.addresses = {ip("192.0.2.10"), ip("192.0.2.11")};
  a.checksum_form = form;
  return a;
}

Advertisement version_2(std::size_t addresses, std::string_view password) {
  Advertisement a = version_3(ChecksumForm::None);
  a.version = Version::V2;
  a.addresses.resize(addresses);
  if (!password.empty()) {
    a.auth_type = AuthType::Password;
    std::copy_n(password.begin(), std::min<std::size_t>(8, password.size()), a.auth_data.begin());
  }
  return a;
}

struct Golden {
  const char* name;
  const char* hex;
  Advertisement value;
  Envelope envelope;
};

std::vector<Golden> golden() {
  using enum ChecksumForm;
  Advertisement v6;
  v6.virtual_router_id = 51;
  v6.priority = 100;
  v6.interval = 1s;
  v6.addresses = {ip("fe80::200:5eff:fe00:233"), ip("2001:db8::10")};
  return {
      {"v2_no_auth", "213364020001f6b2c000020ac000020b0000000000000000", version_2(2, ""),
       multicast()},
      {"v2_pass", "2133640101017b73c000020a7365637265740000", version_2(1, "secret"), multicast()},
      {"v2_pass_cut_to_8", "213364010101f913c000020a6c6f6e6770617373", version_2(1, "longpassword"),
       multicast()},
      {"v3_rfc5798", "31336402006443bbc000020ac000020b", version_3(PseudoHeader), multicast()},
      {"v3_rfc9568", "313364020064e64fc000020ac000020b", version_3(None), multicast()},
      {"v3_unicast", "31336402006461cbc000020ac000020b", version_3(PseudoHeader), unicast()},
      {"v3_unicast_as_if_multicast", "31336402006443bbc000020ac000020b",
       version_3(MulticastPseudoHeader), unicast()},
      {"v3_resign_5798", "313300020064a7bbc000020ac000020b", version_3(PseudoHeader, 0),
       multicast()},
      {"v3_resign_9568", "3133000200644a50c000020ac000020b", version_3(None, 0), multicast()},
      {"v3_1cs_5798", "313364020001441ec000020ac000020b", version_3(PseudoHeader, 100, 10ms),
       multicast()},
      {"v3_1cs_9568", "313364020001e6b2c000020ac000020b", version_3(None, 100, 10ms), multicast()},
      {"v3_ipv6",
       "313364020064deb9fe8000000000000002005efffe00023320010db8000000000000000000000010",
       v6,
       {ip("fe80::1"), ip("ff02::12")}},
  };
}

TEST(Packet, EncodesTheGoldenPackets) {
  for (const Golden& g : golden()) {
    EXPECT_EQ(encode(g.value, g.envelope), from_hex(g.hex)) << g.name;
  }
}

TEST(Packet, DecodesTheGoldenPackets) {
  for (const Golden& g : golden()) {
    const auto decoded = decode(from_hex(g.hex), g.envelope);
    ASSERT_TRUE(std::holds_alternative<Advertisement>(decoded)) << g.name;
    EXPECT_EQ(std::get<Advertisement>(decoded), g.value) << g.name;
  }
}

TEST(Packet, EveryBrokenByteOfAGoldenPacketIsRejected) {
  // One flipped bit always breaks a checksum of ones' complement, if nothing else.
  for (const Golden& g : golden()) {
    const auto good = from_hex(g.hex);
    for (std::size_t i = 0; i < good.size(); ++i) {
      auto bad = good;
      bad[i] ^= 0x20;
      EXPECT_TRUE(std::holds_alternative<Reject>(decode(bad, g.envelope)))
          << g.name << " byte " << i;
    }
  }
}

Reject rejected(std::span<const std::uint8_t> bytes, const Envelope& envelope = multicast()) {
  const auto decoded = decode(bytes, envelope);
  EXPECT_TRUE(std::holds_alternative<Reject>(decoded));
  return std::holds_alternative<Reject>(decoded) ? std::get<Reject>(decoded) : Reject::UnknownVrid;
}

TEST(Packet, NamesTheReasonOfEachRejection) {
  const auto good = from_hex("31336402006443bbc000020ac000020b");
  const auto changed = [&](std::size_t at, std::uint8_t value) {
    auto bytes = good;
    bytes[at] = value;
    return bytes;
  };
  EXPECT_EQ(rejected({}), Reject::Truncated);
  EXPECT_EQ(rejected(std::span(good).first(7)), Reject::Truncated);
  EXPECT_EQ(rejected(std::span(good).first(15)), Reject::Truncated);
  EXPECT_EQ(rejected(changed(3, 3)), Reject::Truncated);
  EXPECT_EQ(rejected(changed(3, 1)), Reject::TrailingBytes);
  EXPECT_EQ(rejected(changed(0, 0x41)), Reject::Version);
  EXPECT_EQ(rejected(changed(0, 0x32)), Reject::Type);
  EXPECT_EQ(rejected(changed(6, 0)), Reject::Checksum);
}

TEST(Packet, Version3NeedsAnAddressAndVersion2DoesNot) {
  Advertisement empty = version_3(ChecksumForm::PseudoHeader);
  empty.addresses.clear();
  EXPECT_EQ(rejected(encode(empty, multicast())), Reject::AddressCount);
  EXPECT_TRUE(std::holds_alternative<Advertisement>(
      decode(encode(version_2(0, ""), multicast()), multicast())));
}

TEST(Packet, Version2IsIpv4Only) {
  EXPECT_EQ(rejected(from_hex("213364020001f6b2c000020ac000020b0000000000000000"),
                     {ip("fe80::1"), ip("ff02::12")}),
            Reject::Version);
}

TEST(Packet, TheChecksumAsIfMulticastCountsForUnicastOnly) {
  // To the group itself the two forms are the same bytes; to another group they are not.
  const auto bytes = from_hex("31336402006443bbc000020ac000020b");
  EXPECT_EQ(rejected(bytes, {ip("192.0.2.1"), ip("224.0.0.19")}), Reject::Checksum);
}

TEST(Packet, RecognisesCarp) {
  // 36 bytes: version 2, type 1, VHID, advskew, authlen 7, …
  std::vector<std::uint8_t> carp(36, 0);
  carp[0] = 0x21;
  carp[1] = 51;
  carp[3] = 7;
  EXPECT_EQ(rejected(carp), Reject::Carp);
}

TEST(Packet, IgnoresTheReservedBits) {
  Advertisement expected = version_3(ChecksumForm::None);
  auto bytes = encode(expected, multicast());
  // 0xf in the four reserved bits, taken out of the checksum again
  bytes[4] |= 0xf0;
  const unsigned sum = (~static_cast<unsigned>(bytes[6] << 8 | bytes[7]) & 0xffff) + 0xf000;
  const unsigned folded = ~((sum & 0xffff) + (sum >> 16)) & 0xffff;
  bytes[6] = static_cast<std::uint8_t>(folded >> 8);
  bytes[7] = static_cast<std::uint8_t>(folded & 0xff);
  const auto decoded = decode(bytes, multicast());
  ASSERT_TRUE(std::holds_alternative<Advertisement>(decoded));
  EXPECT_EQ(std::get<Advertisement>(decoded), expected);
}

TEST(Packet, EveryRejectHasAWordOfItsOwn) {
  std::set<std::string_view> words;
  for (std::size_t i = 0; i < kRejectCount; ++i) {
    words.insert(to_string(static_cast<Reject>(i)));
  }
  EXPECT_EQ(words.size(), kRejectCount);
  EXPECT_FALSE(words.contains("unknown"));
}

}  // namespace
}  // namespace haguard::vrrp
