// RFC 9568 7.1, receiving: what must be verified, and that a packet which fails leaves no trace in
// the state machine, its timers or its schedule. Field by field: section_5_…_test.cpp.
#include "tests/conformance/driver.h"

namespace haguard::conformance {
namespace {

struct Bad {
  std::string reason;
  Packet packet;
};

/// Each with a priority that would win, and one thing wrong.
const std::vector<Bad> kBad{
    {"ttl", {.priority = 200, .ttl = 254}},
    {"version", {.version = 4, .priority = 200}},
    {"type", {.type = 2, .priority = 200}},
    {"truncated", {.priority = 200, .cut = 1}},
    {"truncated", {.priority = 200, .cut = 5}},
    {"truncated", {.priority = 200, .cut = 11}},
    {"trailing_bytes", {.priority = 200, .trailer = "four"}},
    {"checksum", {.priority = 200, .checksum = 0x1234}},
    {"checksum", {.priority = 0, .checksum = 0x1234}},
    {"unknown_vrid", {.vrid = 52, .priority = 200}},
    {"unknown_vrid", {.priority = 200, .interface = "eth1"}},
    {"interval_zero", {.priority = 200, .interval = 0}},
    {"interval_zero", {.priority = 0, .interval = 0}},
    {"address_count", {.priority = 200, .addresses = {}}},
    {"own_source", {.priority = 200, .source = "192.0.2.5"}},
    {"source", {.priority = 200, .destination = "192.0.2.5"}},
};

TEST(Section71, EachCheckHasItsOwnReason) {
  for (const Bad& bad : kBad) {
    EXPECT_EQ(backup().receive(bad.packet), Lines{"rejected " + bad.reason}) << bad.reason;
    EXPECT_EQ(active().receive(bad.packet), Lines{"rejected " + bad.reason}) << bad.reason;
  }
}

TEST(Section71, ADiscardedPacketLeavesTheDownTimerAlone) {
  for (const Bad& bad : kBad) {
    Router router = backup();
    for (Duration now = 0s; now < 3600ms; now += 10ms) {
      EXPECT_EQ(router.until(now), Lines{});
      router.receive(bad.packet);
    }
    EXPECT_EQ(router.becomes_active(), 3609375us) << bad.reason;
  }
}

TEST(Section71, ADiscardedPacketLeavesTheAdvertisementsAlone) {
  for (const Bad& bad : kBad) {
    Router router = active();  // at 3.609375
    Lines sent;
    for (Duration now = 3610ms; now < 12s; now += 10ms) {
      sent = std::move(sent) + router.until(now);
      router.receive(bad.packet);
    }
    ASSERT_EQ(sent.size(), 8U) << bad.reason;
    EXPECT_EQ(sent.front(), "4.609375 advertise 100 every 100 cs");
    EXPECT_EQ(sent.back(), "11.609375 advertise 100 every 100 cs");
  }
}

TEST(Section71, ADiscardedPacketTeachesNothing) {
  // neither an interval nor a form of the checksum
  Router router = backup({.addresses = {"192.0.2.10", "192.0.2.11"}, .own = "192.0.2.1"});
  router.receive({.interval = 1, .covers = Covers::Message, .ttl = 64});
  EXPECT_EQ(router.becomes_active(), 3609375us);
  EXPECT_EQ(router.messages(), Lines{"31336402006443bbc000020ac000020b"});
}

TEST(Section71, TheFirstThingWrongIsNamed) {
  // TTL before version before type before checksum before interval
  Packet packet{.version = 4, .type = 2, .interval = 0, .checksum = 0x1234, .ttl = 64};
  EXPECT_EQ(backup().receive(packet), Lines{"rejected ttl"});
  packet.ttl = 255;
  EXPECT_EQ(backup().receive(packet), Lines{"rejected version"});
  packet.version = 3;
  EXPECT_EQ(backup().receive(packet), Lines{"rejected type"});
  packet.type = 1;
  EXPECT_EQ(backup().receive(packet), Lines{"rejected checksum"});
  packet.checksum.reset();
  EXPECT_EQ(backup().receive(packet), Lines{"rejected interval_zero"});
}

TEST(Section71, NoLengthIsTooShortOrTooLong) {
  for (std::size_t size = 0; size <= 1100; ++size) {
    const Bytes message(size, 0x33);  // VRID 51, version 3, type 3
    const std::string reason = size < 2 ? "truncated" : size < 8 ? "truncated" : "type";
    EXPECT_EQ(backup().receive({}, message), Lines{"rejected " + reason}) << size;
  }
}

TEST(Section71, TheLogIsRateLimited) {
  Router router = backup();
  for (Duration now = 0s; now < 60s; now += 1s) {
    router.until(now);
    router.receive({.priority = 200});
    router.receive({.priority = 200, .ttl = 64});
    router.receive({.type = 2});
    router.receive({.vrid = 52});
  }
  EXPECT_EQ(router.log_lines_with("rejected: ttl"), 1U);
  EXPECT_EQ(router.log_lines_with("rejected: type"), 1U);
  // other groups share the LAN: counted, not told
  EXPECT_EQ(router.log_lines_with("rejected"), 2U);
  router.until(60s);
  router.receive({.ttl = 64});
  EXPECT_EQ(router.log_lines_with("rejected: ttl"), 2U);
}

TEST(Section71, AnotherIntervalIsNoReasonToDiscard) {
  Router router = backup();
  router.until(3s);
  EXPECT_EQ(router.receive({.interval = 50}), Lines{});
  EXPECT_EQ(router.becomes_active(), 4804687us);  // 3 s + 1.5 s + 156/256 of 0.5 s
}

TEST(Section71, AnotherListOfAddressesIsNoReasonToDiscard) {
  for (const std::vector<std::string>& list :
       {std::vector<std::string>{"192.0.2.11"}, {"192.0.2.10", "192.0.2.11"}}) {
    Router router = backup();
    router.until(3s);
    EXPECT_EQ(router.receive({.addresses = list}), Lines{});
    EXPECT_EQ(router.becomes_active(), 6609375us);
  }
}

TEST(Section71, BothAreLoggedOnce) {
  Router router = backup();
  for (int i = 0; i < 100; ++i) {
    router.receive({.interval = 50, .addresses = {"192.0.2.10", "192.0.2.11"}});
  }
  EXPECT_EQ(router.log_lines_with("advertises every 500ms, we every 1s"), 1U);
  EXPECT_EQ(router.log_lines_with("advertises 192.0.2.10, 192.0.2.11, we advertise 192.0.2.10"),
            1U);
}

TEST(Section71, AnOwnerTakesPartInTheElectionOfTwoOwners) {  // with erratum 8298
  Router higher = active({.priority = 255});
  higher.receive({.priority = 255, .source = "192.0.2.1"});
  EXPECT_EQ(higher.state(), "active");
  Router lower = active({.priority = 255});
  lower.receive({.priority = 255, .source = "192.0.2.9"});
  EXPECT_EQ(lower.state(), "backup");
}

}  // namespace
}  // namespace haguard::conformance
