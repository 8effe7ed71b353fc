#include "vrrp/ipv4_packet.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace haguard::vrrp {
namespace {

/// 192.0.2.1 to 224.0.0.18, TTL 255, `words` 32-bit words of header, then `payload`.
std::vector<std::uint8_t> packet(std::size_t words, const std::vector<std::uint8_t>& payload) {
  std::vector<std::uint8_t> bytes{0x40, 0xc0, 0,   0, 0, 1, 0,   0, 255, 112,
                                  0,    0,    192, 0, 2, 1, 224, 0, 0,   18};
  bytes.resize(words * 4, 1);  // options: NOP
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  bytes[0] = static_cast<std::uint8_t>(0x40U | words);
  bytes[3] = static_cast<std::uint8_t>(bytes.size());
  return bytes;
}

const std::vector<std::uint8_t> kPayload{0x31, 0x33, 0x64, 0x02};

TEST(Ipv4Packet, HeaderAndPayload) {
  const auto bytes = packet(5, kPayload);
  const auto parsed = parse_ipv4(bytes);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->source, IpAddress::v4(192, 0, 2, 1));
  EXPECT_EQ(parsed->destination, IpAddress::v4(224, 0, 0, 18));
  EXPECT_EQ(parsed->ttl, 255);
  EXPECT_TRUE(std::ranges::equal(parsed->payload, kPayload));
}

TEST(Ipv4Packet, OptionsAreSkipped) {
  for (std::size_t words = 6; words <= 15; ++words) {
    const auto bytes = packet(words, kPayload);
    const auto parsed = parse_ipv4(bytes);
    ASSERT_TRUE(parsed);
    EXPECT_TRUE(std::ranges::equal(parsed->payload, kPayload));
  }
}

TEST(Ipv4Packet, PaddingIsCutOff) {
  auto bytes = packet(5, kPayload);
  bytes.resize(46, 0xee);
  const auto parsed = parse_ipv4(bytes);
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(std::ranges::equal(parsed->payload, kPayload));
}

TEST(Ipv4Packet, AnEmptyPayloadIsAPacket) {
  const auto bytes = packet(5, {});
  const auto parsed = parse_ipv4(bytes);
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->payload.empty());
}

TEST(Ipv4Packet, CutShort) {
  const auto bytes = packet(6, kPayload);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    // A copy of its own, so that a sanitizer sees a read beyond the end.
    const std::vector<std::uint8_t> shorter(bytes.begin(),
                                            bytes.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(parse_ipv4(shorter)) << size;
  }
}

TEST(Ipv4Packet, HeaderLengthBelowTheFixedPartOrBeyondThePacket) {
  auto bytes = packet(5, kPayload);
  for (unsigned words = 0; words < 16; ++words) {
    bytes[0] = static_cast<std::uint8_t>(0x40U | words);
    EXPECT_EQ(parse_ipv4(bytes).has_value(), words == 5 || words == 6) << words;
  }
}

TEST(Ipv4Packet, FragmentsAreIgnored) {
  for (const std::size_t at : {6U, 7U}) {
    auto bytes = packet(5, kPayload);
    bytes[at] = at == 6 ? 0x20 : 0x01;  // more fragments; offset 1
    EXPECT_FALSE(parse_ipv4(bytes));
  }
  auto unfragmentable = packet(5, kPayload);
  unfragmentable[6] = 0x40;  // DF
  EXPECT_TRUE(parse_ipv4(unfragmentable));
}

TEST(Ipv4Packet, OtherVersionsAndProtocols) {
  auto version = packet(5, kPayload);
  version[0] = 0x65;
  EXPECT_FALSE(parse_ipv4(version));
  auto protocol = packet(5, kPayload);
  protocol[9] = 51;
  EXPECT_FALSE(parse_ipv4(protocol));
}

}  // namespace
}  // namespace haguard::vrrp
