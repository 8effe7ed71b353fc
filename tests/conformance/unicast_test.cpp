// Unicast to named peers: in no RFC. What the clauses on the group, the TTL and the tie-break mean
// then.
#include "tests/conformance/driver.h"

namespace haguard::conformance {
namespace {

Settings unicast(int priority = 100, const std::string& more = "") {
  return {.priority = priority,
          .more =
              "unicast = { source = \"192.0.2.5\", "
              "peers = [\"192.0.2.1\", \"198.51.100.9\"]" +
              more + " }",
          .own = "192.0.2.77"};
}

Packet from(const std::string& peer, int priority = 100) {
  return {.priority = priority, .source = peer, .destination = "192.0.2.5"};
}

TEST(Unicast, EachPeerGetsTheAdvertisementFromTheConfiguredSource) {
  Router router = backup(unicast());
  EXPECT_EQ(router.until(4s),
            at("3.609375",
               {"addresses on", "advertise 100 every 100 cs to 192.0.2.1",
                "advertise 100 every 100 cs to 198.51.100.9", "announce 192.0.2.10", "active"}));
  EXPECT_EQ(router.last_source(), "192.0.2.5");
}

TEST(Unicast, APeerIsHeard) {
  Router router = backup(unicast());
  router.until(3s);
  EXPECT_EQ(router.receive(from("192.0.2.1")), Lines{});
  EXPECT_EQ(router.becomes_active(), 6609375us);
}

TEST(Unicast, AStrangerIsNot) {
  Router router = backup(unicast());
  EXPECT_EQ(router.receive(from("192.0.2.2", 200)), Lines{"rejected source"});
  EXPECT_EQ(router.becomes_active(), 3609375us);
}

TEST(Unicast, MulticastIsNot) {
  EXPECT_EQ(backup(unicast()).receive({.priority = 200, .source = "192.0.2.1"}),
            Lines{"rejected source"});
}

TEST(Unicast, TheTtlIs255UnlessALowerOneIsConfigured) {
  Packet packet = from("192.0.2.1", 200);
  packet.ttl = 254;
  EXPECT_EQ(backup(unicast()).receive(packet), Lines{"rejected ttl"});
  EXPECT_EQ(backup(unicast(100, ", min_ttl = 254")).receive(packet), Lines{});
  packet.ttl = 253;
  EXPECT_EQ(backup(unicast(100, ", min_ttl = 254")).receive(packet), Lines{"rejected ttl"});
}

TEST(Unicast, TheConfiguredSourceDecidesATie) {
  // 192.0.2.1 < 192.0.2.5 < 198.51.100.9; the interface's own 192.0.2.77 does not count
  Router router = active(unicast());
  router.receive(from("192.0.2.1"));
  EXPECT_EQ(router.state(), "active");
  router.receive(from("198.51.100.9"));
  EXPECT_EQ(router.state(), "backup");
}

TEST(Unicast, AnAnswerGoesToEveryPeer) {
  Router router = active(unicast());
  EXPECT_EQ(router.receive(from("192.0.2.1", 50)),
            (Lines{"advertise 100 every 100 cs to 192.0.2.1",
                   "advertise 100 every 100 cs to 198.51.100.9", "announce 192.0.2.10"}));
}

}  // namespace
}  // namespace haguard::conformance
