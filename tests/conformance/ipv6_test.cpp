// IPv6 in RFC 9568: 5.1.2 (the header), 5.2.8 and 5.2.9 (checksum, addresses), 6.4 (the tie-break),
// 7.2 (the source) and 8.2 (neighbor discovery). What is not here is the same in both families. The
// hop limit of what is sent is the socket's: tests/vrrp/wire_ipv6_test.cpp.
#include "tests/conformance/driver.h"

namespace haguard::conformance {
namespace {

constexpr const char* kLinkLocal = "fe80::200:5eff:fe00:233";  // from the VRID, 51
/// VRID 51, priority 100, 100 cs, from fe80::1 to ff02::12: worked out by hand.
constexpr const char* kGolden =
    "313364020064deb9"
    "fe8000000000000002005efffe000233"
    "20010db8000000000000000000000010";

Settings ipv6(int priority = 100, const std::string& own = "fe80::5") {
  return {.priority = priority, .addresses = {kLinkLocal, "2001:db8::10"}, .own = own};
}

Packet heard(int priority, const std::string& source = "fe80::9") {
  return {.priority = priority,
          .addresses = {kLinkLocal, "2001:db8::10"},
          .covers = Covers::Header,
          .source = source,
          .destination = "ff02::12"};
}

TEST(Ipv6, AdvertisementsGoToTheGroup) {  // 5.1.2.2
  EXPECT_EQ(backup(ipv6()).until(4s).at(1), "3.609375 advertise 100 every 100 cs");
}

TEST(Ipv6, AHopLimitOtherThan255IsDiscarded) {  // 5.1.2.3
  Packet packet = heard(200);
  EXPECT_EQ(backup(ipv6()).receive(packet), Lines{});
  packet.ttl = 254;
  EXPECT_EQ(backup(ipv6()).receive(packet), Lines{"rejected ttl"});
}

TEST(Ipv6, SendsTheBytesOfTheFigure) {  // 5.2
  EXPECT_EQ(active(ipv6(100, "fe80::1")).messages(), Lines{kGolden});
}

TEST(Ipv6, TakesTheBytesOfTheFigure) {
  Router router = backup(ipv6(90));
  router.until(3s);
  EXPECT_EQ(router.receive(heard(100, "fe80::1"), from_hex(kGolden)), Lines{});
  EXPECT_EQ(router.becomes_active(), 6648437us);  // 3 s + 3 s + 166/256 s
}

TEST(Ipv6, TheChecksumHasThePseudoHeader) {  // 5.2.8
  Packet alone = heard(200);
  alone.covers = Covers::Message;
  EXPECT_EQ(backup(ipv6()).receive(alone), Lines{"rejected checksum"});
  // from another source than the one that it was computed for
  EXPECT_EQ(backup(ipv6()).receive(heard(100, "fe80::2"), from_hex(kGolden)),
            Lines{"rejected checksum"});
  // whatever is configured for IPv4
  Settings settings = ipv6(100, "fe80::1");
  settings.more = "checksum = \"rfc9568\"";
  EXPECT_EQ(active(settings).messages(), Lines{kGolden});
}

TEST(Ipv6, TheFirstAddressIsTheLinkLocalOne) {  // 5.2.9
  Settings settings = ipv6(100, "fe80::1");
  std::swap(settings.addresses[0], settings.addresses[1]);
  EXPECT_EQ(active(settings).messages(), Lines{kGolden});
}

TEST(Ipv6, AddressesHaveSixteenBytesEach) {  // 5.2.9, 7.1
  Packet packet = heard(200);
  packet.cut = 1;
  EXPECT_EQ(backup(ipv6()).receive(packet), Lines{"rejected truncated"});
  packet.cut = 0;
  packet.addresses = {kLinkLocal, "192.0.2.10"};
  EXPECT_EQ(backup(ipv6()).receive(packet), Lines{"rejected truncated"});
}

TEST(Ipv6, TheSourceIsTheLinkLocalAddressOfTheInterface) {  // 7.2
  EXPECT_EQ(active(ipv6(100, "fe80::77")).last_source(), "fe80::77");
  // an IPv4 address is none
  Router router = backup(ipv6(100, "192.0.2.5"));
  EXPECT_EQ(router.state(), "initialize");
}

TEST(Ipv6, WithAnEqualPriorityTheHigherAddressWins) {  // 6.4.3: all sixteen bytes, unsigned
  const auto wins = [](const char* own, const char* source) {
    Router router = active(ipv6(100, own));
    router.receive(heard(100, source));
    return router.state() == "active";
  };
  EXPECT_TRUE(wins("fe80::5", "fe80::1"));
  EXPECT_FALSE(wins("fe80::5", "fe80::9"));
  EXPECT_TRUE(wins("fe80::80:0:0:0", "fe80::7f:ffff:ffff:ffff"));
  EXPECT_TRUE(wins("fe80::ff", "fe80::7f"));
  EXPECT_FALSE(wins("fe80::2:0", "fe80::ffff:1"));
}

TEST(Ipv6, ALosingAdvertisementIsAnsweredAtOnce) {  // 6.4.3
  Router router = active(ipv6());
  EXPECT_EQ(router.receive(heard(50)),
            (Lines{"advertise 100 every 100 cs", std::string("announce ") + kLinkLocal,
                   "announce 2001:db8::10"}));
}

TEST(Ipv6, TheFamiliesAreIndependent) {  // 1: the same VRID, two virtual routers
  Router router = backup(ipv6());
  EXPECT_EQ(router.receive({.priority = 200}), Lines{"rejected unknown_vrid"});
  Router ipv4 = backup();
  EXPECT_EQ(ipv4.receive(heard(200)), Lines{"rejected unknown_vrid"});
  EXPECT_EQ(ipv4.becomes_active(), 3609375us);
}

TEST(Ipv6, Version2IsRefused) {  // RFC 3768 is for IPv4
  Settings settings = ipv6();
  settings.version = 2;
  EXPECT_NE(refusal(settings), "");
}

TEST(Ipv6, EachAddressIsAnnouncedByANeighborAdvertisement) {  // 6.4.2, 8.2.2
  Router router = active(ipv6());
  ASSERT_EQ(router.frames().size(), 2U);
  const std::string frame = router.frames()[1];
  const std::string address = "20010db8000000000000000000000010";
  EXPECT_EQ(frame.substr(0, 28),
            "333300000001"
            "020000000005"
            "86dd");
  // version 6; 32 bytes of ICMPv6; hop limit 255; from the address to all nodes (ff02::1)
  EXPECT_EQ(frame.substr(28, 1), "6");
  EXPECT_EQ(frame.substr(36, 8), "00203aff");
  EXPECT_EQ(frame.substr(44, 32), address);
  EXPECT_EQ(frame.substr(76, 32), "ff020000000000000000000000000001");
  // type 136, code 0; the target; option 2, the target's link-layer address (RFC 4861 4.4)
  EXPECT_EQ(frame.substr(108, 4), "8800");
  EXPECT_EQ(frame.substr(124, 32), address);
  EXPECT_EQ(frame.substr(156),
            "0201"
            "020000000005");
  EXPECT_TRUE(icmpv6_checksum_holds(from_hex(frame)));
}

TEST(Ipv6, TheAdvertisementOfANeighborIsUnsolicitedAndOverrides) {  // 6.4.2: S clear, O set
  const std::string flags = active(ipv6()).frames().at(0).substr(116, 8);
  EXPECT_EQ(std::stoul(flags, nullptr, 16) & 0x60000000U, 0x20000000U);
}

TEST(Deviation, AnIpv6RouterMayHaveNoLinkLocalAddress) {  // 5.2.9
  Settings settings = ipv6();
  settings.addresses = {"2001:db8::10"};
  Packet packet = heard(200);
  packet.addresses = settings.addresses;
  Router router = backup(settings);
  EXPECT_EQ(router.receive(packet), Lines{});
  router.becomes_active();
  EXPECT_EQ(router.messages().at(0).substr(16), "20010db8000000000000000000000010");
}

TEST(Deviation, TheRouterFlagIsClear) {  // 6.4.2: R set
  const std::string flags = active(ipv6()).frames().at(0).substr(116, 8);
  EXPECT_EQ(flags, "20000000");
}

}  // namespace
}  // namespace haguard::conformance
