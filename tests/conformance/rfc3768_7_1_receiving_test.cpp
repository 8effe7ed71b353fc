// RFC 3768 7.1, receiving in version 2, where an interval or an authentication of its own is a
// reason to discard.
#include "tests/conformance/driver.h"

namespace haguard::conformance {
namespace {

struct Bad {
  std::string reason;
  Packet packet;
};

Packet changed(void (*change)(Packet&)) {
  Packet packet = version_2();
  packet.priority = 200;
  change(packet);
  return packet;
}

const std::vector<Bad> kBad{
    {"ttl", changed([](Packet& p) { p.ttl = 254; })},
    {"version", changed([](Packet& p) { p = {.priority = 200}; })},
    {"type", changed([](Packet& p) { p.type = 2; })},
    {"truncated", changed([](Packet& p) { p.cut = 1; })},
    {"trailing_bytes", changed([](Packet& p) { p.trailer = "four"; })},
    {"checksum", changed([](Packet& p) { p.checksum = 0x1234; })},
    {"unknown_vrid", changed([](Packet& p) { p.vrid = 52; })},
    {"auth_type", changed([](Packet& p) { p.auth_type = 1; })},
    {"auth_type", changed([](Packet& p) { p.auth_type = 2; })},
    {"auth_type", changed([](Packet& p) { p.auth_type = 255; })},
    {"interval_mismatch", changed([](Packet& p) { p.interval = 2; })},
    {"interval_mismatch", changed([](Packet& p) { p.interval = 0; })},
    {"own_source", changed([](Packet& p) { p.source = "192.0.2.5"; })},
};

TEST(Rfc3768Receiving, EachCheckHasItsOwnReason) {
  for (const Bad& bad : kBad) {
    EXPECT_EQ(backup({.version = 2}).receive(bad.packet), Lines{"rejected " + bad.reason});
    EXPECT_EQ(active({.version = 2}).receive(bad.packet), Lines{"rejected " + bad.reason});
  }
}

TEST(Rfc3768Receiving, ADiscardedPacketMovesNoTimer) {
  for (const Bad& bad : kBad) {
    Router waiting = backup({.version = 2});
    waiting.until(3s);
    waiting.receive(bad.packet);
    EXPECT_EQ(waiting.becomes_active(), 3609375us) << bad.reason;
    Router advertising = active({.version = 2});  // at 3.609375
    advertising.until(4s);
    advertising.receive(bad.packet);
    EXPECT_EQ(advertising.until(5s), Lines{"4.609375 advertise 100 every 1 s"}) << bad.reason;
  }
}

TEST(Rfc3768Receiving, AConfiguredPasswordIsAskedOfEverybody) {
  Router router =
      backup({.version = 2, .more = "authentication = { type = \"pass\", password = \"secret\" }"});
  EXPECT_EQ(router.receive(version_2()), Lines{"rejected auth_type"});
}

TEST(Rfc3768Receiving, CarpIsToldFromVrrp) {
  // first byte 0x21, protocol 112, the same group: 36 bytes, and 7 where VRRP counts addresses
  Bytes carp(36);
  carp[0] = 0x21;
  carp[1] = 51;
  carp[3] = 7;
  EXPECT_EQ(backup({.version = 2}).receive({}, carp), Lines{"rejected carp"});
}

}  // namespace
}  // namespace haguard::conformance
