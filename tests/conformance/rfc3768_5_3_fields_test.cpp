// RFC 3768 5.3, the fields of a version 2 advertisement where they differ from RFC 9568 5.2, and
// the authentication of RFC 2338 5.3.10 that keepalived still speaks.
#include "tests/conformance/driver.h"

namespace haguard::conformance {
namespace {

/// VRID 51, priority 100, 1 s, from 192.0.2.1: worked out by hand.
constexpr const char* kPlain = "213364020001f6b2c000020ac000020b0000000000000000";
constexpr const char* kSecret = "2133640101017b73c000020a7365637265740000";
constexpr const char* kLongPassword = "213364010101f913c000020a6c6f6e6770617373";
const Packet kFromOne{.source = "192.0.2.1"};

std::string password(const std::string& word) {
  return "authentication = { type = \"pass\", password = \"" + word + "\" }";
}

Lines answer(const Packet& packet, const std::string& more = "") {
  return backup({.version = 2, .priority = 90, .more = more}).receive(packet);
}

TEST(Rfc3768Fields, SendsTheBytesOfTheFigure) {  // 5.1
  Router router =
      active({.version = 2, .addresses = {"192.0.2.10", "192.0.2.11"}, .own = "192.0.2.1"});
  EXPECT_EQ(router.messages(), Lines{kPlain});
}

TEST(Rfc3768Fields, TakesTheBytesOfTheFigure) {
  Router router = backup({.version = 2, .priority = 90});
  router.until(3s);
  EXPECT_EQ(router.receive(kFromOne, from_hex(kPlain)), Lines{});
  EXPECT_EQ(router.becomes_active(), 6648437us);  // 3 s + 3 s + 166/256 s
}

TEST(Rfc3768Fields, AnotherVersionIsDiscarded) {  // 5.3.1
  EXPECT_EQ(answer({}), Lines{"rejected version"});
}

TEST(Rfc3768Fields, ACountOfZeroIsTaken) {  // 5.3.5 asks for no minimum
  Packet packet = version_2();
  packet.addresses.clear();
  EXPECT_EQ(answer(packet), Lines{});
}

TEST(Rfc3768Fields, TheIntervalIsInWholeSeconds) {  // 5.3.7
  EXPECT_EQ(refusal({.version = 2, .interval = "1s"}), "");
  EXPECT_EQ(refusal({.version = 2, .interval = "255s"}), "");
  EXPECT_NE(refusal({.version = 2, .interval = "256s"}), "");
  EXPECT_NE(refusal({.version = 2, .interval = "500ms"}), "");
  EXPECT_EQ(active({.version = 2, .interval = "7s"}).messages().at(0).substr(8, 4), "0007");
}

TEST(Rfc3768Fields, TheChecksumCoversTheMessageAlone) {  // 5.3.8
  Bytes bad = from_hex(kPlain);
  bad[23] = 1;  // the last byte of the authentication data counts too
  EXPECT_EQ(backup({.version = 2}).receive(kFromOne, bad), Lines{"rejected checksum"});
}

TEST(Rfc3768Fields, TheAuthenticationDataIsAlwaysThere) {  // 5.3.10
  Packet packet = version_2();
  packet.cut = 8;
  EXPECT_EQ(answer(packet), Lines{"rejected truncated"});
}

TEST(Rfc3768Fields, WithoutAuthenticationTheDataIsIgnored) {  // 5.3.10
  Packet packet = version_2();
  packet.auth_data = "whatever";
  EXPECT_EQ(answer(packet), Lines{});
}

TEST(Rfc3768Fields, ThereIsNoVersion2OverIpv6) {
  Packet packet = version_2();
  packet.source = "fe80::1";
  packet.destination = "ff02::12";
  packet.addresses = {"fe80::10"};
  const Lines lines = backup({.version = 2, .priority = 90}).receive(packet);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].substr(0, 8), "rejected");
}

TEST(Rfc2338Password, IsSentLeftJustifiedAndPaddedWithZeros) {  // 5.3.10.1
  EXPECT_EQ(active({.version = 2, .more = password("secret"), .own = "192.0.2.1"}).messages(),
            Lines{kSecret});
}

TEST(Rfc2338Password, HasEightBytesOnTheWire) {
  EXPECT_EQ(active({.version = 2, .more = password("longpassword"), .own = "192.0.2.1"}).messages(),
            Lines{kLongPassword});
  Router router = backup({.version = 2, .priority = 90, .more = password("longpass")});
  EXPECT_EQ(router.receive(kFromOne, from_hex(kLongPassword)), Lines{});
}

TEST(Rfc2338Password, TheSameOneIsTaken) {
  Router router = backup({.version = 2, .priority = 90, .more = password("secret")});
  EXPECT_EQ(router.receive(kFromOne, from_hex(kSecret)), Lines{});
  EXPECT_EQ(router.becomes_active(), 3648437us);
}

TEST(Rfc2338Password, AnotherOneIsDiscarded) {
  for (const char* word : {"", "Secret", "secre", "secrets", "secret\1"}) {
    Packet packet = version_2();
    packet.auth_type = 1;
    packet.auth_data = word;
    EXPECT_EQ(answer(packet, password("secret")), Lines{"rejected auth_password"}) << word;
  }
}

}  // namespace
}  // namespace haguard::conformance
