// RFC 9568 5.1.1, IPv4 fields: what the header in front of an advertisement must be. The TTL and
// the protocol of what is sent are the socket's: tests/vrrp/wire_test.cpp.
#include "tests/conformance/driver.h"

namespace haguard::conformance {
namespace {

/// What a Backup of priority 90 answers to a datagram.
Lines answer(const Bytes& datagram) {
  return backup({.priority = 90}).receive_datagram(datagram);
}

TEST(Section511, AdvertisementsGoToTheGroup) {  // 5.1.1.2
  Router router = backup();
  EXPECT_EQ(router.until(4s)[1], "3.609375 advertise 100 every 100 cs");  // no "to …": the group
}

TEST(Section511, ATtlOtherThan255IsDiscarded) {  // 5.1.1.3
  EXPECT_EQ(answer(ipv4_datagram({})), Lines{});
  for (const int ttl : {0, 1, 64, 254}) {
    EXPECT_EQ(answer(ipv4_datagram({.ttl = ttl})), Lines{"rejected ttl"}) << ttl;
  }
}

TEST(Section511, OptionsAndPaddingAreNotPartOfTheMessage) {
  EXPECT_EQ(answer(ipv4_datagram({}, {0x94, 0x04, 0, 0})), Lines{});  // router alert, RFC 2113
  Bytes padded = ipv4_datagram({});
  padded.resize(60);
  EXPECT_EQ(answer(padded), Lines{});
}

TEST(Section511, AnythingButOneWholeDatagramOfProtocol112IsNoPacket) {  // 5.1.1.4
  Bytes udp = ipv4_datagram({});
  udp[9] = 17;
  EXPECT_EQ(answer(udp), Lines{"no packet"});
  Bytes fragment = ipv4_datagram({});
  fragment[6] = 0x20;  // more fragments follow
  EXPECT_EQ(answer(fragment), Lines{"no packet"});
  Bytes cut = ipv4_datagram({});
  cut.pop_back();
  EXPECT_EQ(answer(cut), Lines{"no packet"});
}

}  // namespace
}  // namespace haguard::conformance
