// RFC 9568 5.2, the fields of a version 3 advertisement: packets worked out by hand, both ways.
#include "tests/conformance/driver.h"

namespace haguard::conformance {
namespace {

/// VRID 51, priority 100, an interval of 100 cs, 192.0.2.10 and .11, from 192.0.2.1.
constexpr const char* kGolden = "313364020064e64fc000020ac000020b";
const Packet kFromOne{.source = "192.0.2.1"};

Settings golden() {
  return {.addresses = {"192.0.2.10", "192.0.2.11"},
          .more = "checksum = \"rfc9568\"",
          .own = "192.0.2.1"};
}

/// What a Backup of priority 90 answers.
Lines answer(const Packet& packet) {
  return backup({.priority = 90}).receive(packet);
}

TEST(Section52, SendsTheBytesOfTheFigure) {
  Router router = active(golden());
  EXPECT_EQ(router.messages(), Lines{kGolden});
}

TEST(Section52, TakesTheBytesOfTheFigure) {
  Router router = backup({.priority = 90});
  router.until(3s);
  EXPECT_EQ(router.receive(kFromOne, from_hex(kGolden)), Lines{});
  EXPECT_EQ(router.becomes_active(), 6648437us);  // 3 s + 3 s + 166/256 s
}

TEST(Section521, AnotherVersionIsDiscarded) {
  EXPECT_EQ(answer({.version = 4}), Lines{"rejected version"});
  EXPECT_EQ(answer({.version = 1}), Lines{"rejected version"});
  EXPECT_EQ(answer({.version = 0}), Lines{"rejected version"});
  EXPECT_EQ(answer(version_2()), Lines{"rejected version"});
}

TEST(Section522, AnUnknownTypeIsDiscarded) {
  for (const int type : {0, 2, 15}) {
    EXPECT_EQ(answer({.type = type}), Lines{"rejected type"}) << type;
  }
}

TEST(Section523, AnotherVridIsAnotherVirtualRouter) {
  EXPECT_EQ(answer({.vrid = 52}), Lines{"rejected unknown_vrid"});
  EXPECT_EQ(answer({.vrid = 0}), Lines{"rejected unknown_vrid"});
}

TEST(Section524, ABackupUsesThePriorities1To254) {
  EXPECT_EQ(refusal({.priority = 1}), "");
  EXPECT_EQ(refusal({.priority = 254}), "");
  EXPECT_NE(refusal({.priority = 0}), "");
  EXPECT_NE(refusal({.priority = 256}), "");
}

TEST(Section524, ThePriorityOfTheFileIsAdvertised) {
  EXPECT_EQ(backup({.priority = 1}).until(4s)[1], "3.996093 advertise 1 every 100 cs");
  EXPECT_EQ(backup({.priority = 254}).until(4s)[1], "3.007812 advertise 254 every 100 cs");
}

TEST(Section525, ACountOfZeroIsIgnored) {  // with erratum 8299
  EXPECT_EQ(answer({.addresses = {}}), Lines{"rejected address_count"});
}

TEST(Section525, TheCountSaysHowManyAddressesFollow) {
  Packet many;
  many.addresses.assign(255, "192.0.2.10");
  EXPECT_EQ(answer(many), Lines{});
  EXPECT_EQ(answer({.count = 2}), Lines{"rejected truncated"});
  EXPECT_EQ(answer({.addresses = {"192.0.2.10", "192.0.2.11"}, .count = 1}),
            Lines{"rejected trailing_bytes"});
}

TEST(Section526, TheReservedBitsAreIgnored) {
  Router router = backup({.priority = 90});
  EXPECT_EQ(router.receive({.interval = 50, .reserved = 15}), Lines{});
  EXPECT_EQ(router.becomes_active(), 1824218us);  // 1.5 s + 166/256 of 0.5 s: still 50 cs
}

TEST(Section527, TheIntervalIsInCentisecondsOfTwelveBits) {
  EXPECT_EQ(backup({.interval = "10ms"}).until(1s)[1], "0.036093 advertise 100 every 1 cs");
  EXPECT_EQ(backup({.interval = "40.95s"}).until(150s)[1],
            "147.803906 advertise 100 every 4095 cs");
  EXPECT_NE(refusal({.interval = "40.96s"}), "");
  EXPECT_NE(refusal({.interval = "5ms"}), "");
  EXPECT_NE(refusal({.interval = "15ms"}), "");
  EXPECT_NE(refusal({.interval = "0s"}), "");
}

TEST(Section527, TheLongestIntervalIsUnderstood) {
  Router router = backup();
  router.receive({.interval = 4095});
  EXPECT_EQ(router.becomes_active(), 147803906us);  // 122.85 s + 156/256 of 40.95 s
}

TEST(Section529, TheAddressesAreThoseOfTheFileInItsOrder) {
  Router router = active({.addresses = {"192.0.2.11", "192.0.2.10"}});
  EXPECT_EQ(router.messages().at(0).substr(16), "c000020bc000020a");
}

}  // namespace
}  // namespace haguard::conformance
