// RFC 9568 8.1.2 and the gratuitous ARP of 6.4.1 and 6.4.2. Whether ARP requests are answered is a
// matter of the address being on the interface; the kernel answers.
#include "tests/conformance/driver.h"

namespace haguard::conformance {
namespace {

/// Ethernet: broadcast, from 02:00:00:00:00:05, EtherType ARP. ARP (RFC 826): Ethernet, IPv4, 6, 4,
/// request; sender 02:00:00:00:00:05 with the address, target with the address (RFC 5227 3).
std::string gratuitous(const std::string& address) {
  return "ffffffffffff020000000005"
         "0806"
         "0001080006040001"
         "020000000005" +
         address + "ffffffffffff" + address;
}

TEST(Section812, EachAddressIsAnnouncedByABroadcast) {
  Router router = active({.addresses = {"192.0.2.10", "192.0.2.11"}});
  EXPECT_EQ(router.frames(), (Lines{gratuitous("c000020a"), gratuitous("c000020b")}));
}

TEST(Section812, NothingIsAnnouncedBeforeTheAddressIsThere) {
  Router router = backup();
  const Lines lines = router.until(4s);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0], "3.609375 addresses on");
  EXPECT_EQ(lines[2], "3.609375 announce 192.0.2.10");
}

TEST(Section812, ABackupAnnouncesNothing) {
  // what is left of a schedule of announcements ends with the state
  Router router = active({.announcements = R"("0ms", "500ms", "1s", "2s")"});  // at 3.609375
  EXPECT_EQ(router.until(4200ms), Lines{"4.109375 announce 192.0.2.10"});
  EXPECT_EQ(router.receive({.priority = 200}).front(), "addresses off");
  EXPECT_EQ(router.until(7s), Lines{});
}

TEST(Section812, AnAnswerToALoserTeachesTheLanAnew) {  // 6.4.3: learning bridges
  Router router = active();
  router.receive({.priority = 50});
  EXPECT_EQ(router.frames(), Lines{gratuitous("c000020a")});
}

}  // namespace
}  // namespace haguard::conformance
