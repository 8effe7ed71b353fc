// RFC 9568 5.2.8, the checksum of version 3 over IPv4: the message alone. RFC 5798 5.2.8 puts the
// IPv4 pseudo-header in front, and old keepalived does so with the group even when it sends
// unicast. Which of them a neighbour uses cannot be known before it is heard.
#include "tests/conformance/driver.h"

namespace haguard::conformance {
namespace {

/// VRID 51, priority 100, 100 cs, 192.0.2.10 and .11, from 192.0.2.1: worked out by hand.
constexpr const char* kAlone = "313364020064e64fc000020ac000020b";
constexpr const char* kWithHeader = "31336402006443bbc000020ac000020b";
constexpr const char* kUnicastWithHeader = "31336402006461cbc000020ac000020b";  // to 192.0.2.2

constexpr const char* kUnicast = "unicast = { source = \"192.0.2.2\", peers = [\"192.0.2.1\"] }";
const Packet kMulticast{.source = "192.0.2.1"};
const Packet kToUs{.source = "192.0.2.1", .destination = "192.0.2.2"};

Settings two_addresses(const std::string& more) {
  return {.addresses = {"192.0.2.10", "192.0.2.11"}, .more = more, .own = "192.0.2.1"};
}

/// What a Backup of priority 90 answers to these bytes.
Lines answer(const Packet& header, const char* hex, const std::string& more = "") {
  return backup({.priority = 90, .more = more, .own = "192.0.2.2"}).receive(header, from_hex(hex));
}

TEST(Section528, SendsTheMessageAloneWhenToldSo) {
  EXPECT_EQ(active(two_addresses("checksum = \"rfc9568\"")).messages(), Lines{kAlone});
}

TEST(Section528, SendsTheFormOfRfc5798WhenToldSoAndByDefault) {
  EXPECT_EQ(active(two_addresses("checksum = \"rfc5798\"")).messages(), Lines{kWithHeader});
  EXPECT_EQ(active(two_addresses("")).messages(), Lines{kWithHeader});
}

TEST(Section528, ThePseudoHeaderHasTheAddressesOfThePacket) {
  Router router =
      active(two_addresses("unicast = { source = \"192.0.2.1\", peers = [\"192.0.2.2\"] }"));
  EXPECT_EQ(router.messages(), Lines{kUnicastWithHeader});
}

TEST(Section528, TakesBothForms) {
  EXPECT_EQ(answer(kMulticast, kAlone), Lines{});
  EXPECT_EQ(answer(kMulticast, kWithHeader), Lines{});
  EXPECT_EQ(answer(kToUs, kUnicastWithHeader, kUnicast), Lines{});
}

TEST(Section528, ThePseudoHeaderOfTheGroupIsTakenFromUnicastPeersOnly) {
  EXPECT_EQ(answer(kToUs, kWithHeader, kUnicast), Lines{});
  EXPECT_EQ(answer(kMulticast, kUnicastWithHeader), Lines{"rejected checksum"});
}

TEST(Section528, FollowsTheFormOfThePeerItHears) {
  Router router = backup({.addresses = {"192.0.2.10", "192.0.2.11"}, .own = "192.0.2.1"});
  router.receive({.covers = Covers::Message});
  router.becomes_active();
  EXPECT_EQ(router.messages(), Lines{kAlone});
  // a peer of the other form, and the next advertisement has that
  router.receive({.priority = 50, .covers = Covers::Header});
  EXPECT_EQ(router.messages(), Lines{kWithHeader});
}

TEST(Section528, AFormThatIsConfiguredStays) {
  Router router = backup(two_addresses("checksum = \"rfc5798\""));
  router.receive({.covers = Covers::Message});
  router.becomes_active();
  EXPECT_EQ(router.messages(), Lines{kWithHeader});
}

TEST(Section528, AnyOtherSumIsDiscarded) {
  // one bit anywhere in the message
  const Bytes good = from_hex(kAlone);
  for (std::size_t i = 0; i < good.size() * 8; ++i) {
    Bytes bad = good;
    bad[i / 8] = static_cast<std::uint8_t>(bad[i / 8] ^ 1U << i % 8);
    Router router = backup({.priority = 90});
    const Lines lines = router.receive(kMulticast, bad);
    ASSERT_EQ(lines.size(), 1U) << i;
    EXPECT_EQ(lines[0].substr(0, 9), "rejected ") << i;
    EXPECT_EQ(router.becomes_active(), 3648437us) << i;
  }
  EXPECT_EQ(backup().receive({.checksum = 0}), Lines{"rejected checksum"});
}

}  // namespace
}  // namespace haguard::conformance
