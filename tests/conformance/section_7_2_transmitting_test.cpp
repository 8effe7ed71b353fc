// RFC 9568 7.2, transmitting. The protocol number, TTL 255 and the group's MAC address are the
// socket's: tests/vrrp/wire_test.cpp.
#include "tests/conformance/driver.h"

namespace haguard::conformance {
namespace {

Settings golden(const std::string& more) {
  return {.addresses = {"192.0.2.10", "192.0.2.11"}, .more = more, .own = "192.0.2.1"};
}

TEST(Section72, TheFieldsAreThoseOfTheConfiguration) {
  // version 3, type 1; VRID 51; priority 100; two addresses; 100 cs; checksum; the addresses
  EXPECT_EQ(active(golden("checksum = \"rfc9568\"")).messages(),
            Lines{"313364020064e64fc000020ac000020b"});
  EXPECT_EQ(active(golden("checksum = \"rfc5798\"")).messages(),
            Lines{"31336402006443bbc000020ac000020b"});
}

TEST(Section72, AResignationHasTheSameFieldsAndPriority0) {
  Router alone = active(golden("checksum = \"rfc9568\"\nfast_abdication = false"));
  alone.shutdown();
  EXPECT_EQ(alone.messages(), Lines{"3133000200644a50c000020ac000020b"});
  Router with_header = active(golden("checksum = \"rfc5798\"\nfast_abdication = false"));
  with_header.shutdown();
  EXPECT_EQ(with_header.messages(), Lines{"313300020064a7bbc000020ac000020b"});
}

TEST(Section72, TheSourceIsThePrimaryAddressOfTheInterface) {
  EXPECT_EQ(active({.own = "192.0.2.7"}).last_source(), "192.0.2.7");
}

TEST(Section72, WithoutAPrimaryAddressItTakesNoPart) {
  Router router = backup({.own = "0.0.0.0"});
  EXPECT_EQ(router.state(), "initialize");
  EXPECT_EQ(router.until(60s), Lines{});
}

TEST(Section72, TheDestinationIsTheGroup) {
  Router router = active();
  EXPECT_EQ(router.until(5s), Lines{"4.609375 advertise 100 every 100 cs"});
}

}  // namespace
}  // namespace haguard::conformance
