// `haguard drain` in simulated time: the addresses are on one node at least at every moment, and
// nothing is given up that nobody takes.
#include "tests/sim/continuity.h"

namespace haguard::sim {
namespace {

using supervisor::Mode;

class DrainedPair : public Continuity {
 public:
  /// Node 0 is Active since it started, and so has never heard of node 1.
  void SetUp() override { start(); }
  [[nodiscard]] Mode mode(std::size_t node) { return world.node(node).mode; }
  [[nodiscard]] const supervisor::RequestDone& last_request(std::size_t node) {
    return world.node(node).requests_done.back();
  }
  [[nodiscard]] Duration nobody_in(Duration time, supervisor::RouterId router = 0) {
    return time_of(time, [&, router] { return world.holders(router).empty(); });
  }
};

TEST_F(DrainedPair, HandsOverWithoutAMomentAtNobody) {
  world.drain(world.node(0));
  EXPECT_EQ(nobody_in(10s), 0s);
  EXPECT_EQ(world.active(), Nodes{1});
  EXPECT_EQ(world.holders(), Nodes{1});
  EXPECT_EQ(mode(0), Mode::Drained);
  EXPECT_TRUE(last_request(0).ok);
  ASSERT_EQ(last_request(0).steps.size(), 1U);
  EXPECT_EQ(last_request(0).steps[0].detail, "edge/ipv4 to 172.28.1.2");
  // 50 us, the skew of priority 90 in one centisecond, 50 us
  EXPECT_NEAR(static_cast<double>(last_request(0).steps[0].took.count()), 50 + 6484 + 50, 2);
  EXPECT_EQ(reason(0), "drained: `haguard undrain` ends it");
}

TEST_F(DrainedPair, StaysOutWhateverHappensToThePeer) {
  world.drain(world.node(0));
  world.run_for(1s);
  world.crash(world.node(1));
  world.run_for(20s);
  EXPECT_EQ(world.active(), Nodes{});
  EXPECT_EQ(state(0), State::Initialize);
  world.node(0).healthy = false;
  world.run_for(1s);
  EXPECT_EQ(reason(0), "drained: `haguard undrain` ends it");
}

TEST_F(DrainedPair, UndrainTakesPartAgainWithTheUsualRules) {
  world.drain(world.node(0));
  world.run_for(5s);
  world.undrain(world.node(0));
  EXPECT_EQ(mode(0), Mode::Normal);
  EXPECT_EQ(state(0), State::Backup);
  EXPECT_TRUE(last_request(0).ok);
  world.run_for(5s);
  EXPECT_EQ(world.holders(), Nodes{0});
}

TEST_F(DrainedPair, WithADeadPeerNothingIsGivenUp) {
  world.crash(world.node(1));
  world.run_for(5s);
  const auto transitions = world.node(0).daemon->routers()[0].transitions();
  world.drain(world.node(0));
  EXPECT_EQ(time_of(5s, [&] { return !world.node(0).holds(); }), 0s);
  EXPECT_EQ(world.active(), Nodes{0});
  EXPECT_EQ(world.node(0).daemon->routers()[0].transitions(), transitions);
  EXPECT_FALSE(last_request(0).ok);
  // 10 ms and the 100 ms that an advertisement may take
  EXPECT_EQ(last_request(0).detail, "nobody took over within 0.110 s: still Active (edge/ipv4)");
  EXPECT_EQ(mode(0), Mode::Normal);
  EXPECT_TRUE(traced("drain: nobody took over within 0.110 s: still Active (edge/ipv4)"));
}

TEST_F(DrainedPair, WithADrainedPeerNothingIsGivenUp) {
  world.drain(world.node(1));
  world.run_for(1s);
  EXPECT_TRUE(last_request(1).ok);
  EXPECT_EQ(last_request(1).steps.at(0).detail, "held no addresses");
  world.drain(world.node(0));
  EXPECT_EQ(nobody_in(5s), 0s);
  EXPECT_FALSE(last_request(0).ok);
  EXPECT_EQ(world.holders(), Nodes{0});
}

TEST_F(DrainedPair, ForcedItGivesUpWithoutASuccessor) {
  world.crash(world.node(1));
  world.run_for(5s);
  world.drain(world.node(0), true);
  world.run_for(109ms);
  EXPECT_EQ(world.holders(), Nodes{0});
  world.run_for(2ms);
  EXPECT_EQ(world.holders(), Nodes{});
  EXPECT_TRUE(last_request(0).ok);
  EXPECT_EQ(last_request(0).steps.at(0).detail, "edge/ipv4 to nobody");
  EXPECT_EQ(mode(0), Mode::Drained);
}

TEST_F(DrainedPair, UndrainInTheMiddleOfAForcedOneLeavesNoAddressOnABackup) {
  world.crash(world.node(1));
  world.drain(world.node(0), true);
  world.run_for(50ms);
  world.undrain(world.node(0));
  EXPECT_EQ(state(0), State::Backup);
  EXPECT_EQ(world.holders(), Nodes{});
  EXPECT_EQ(world.node(0).requests_done.at(0).detail, "cancelled by undrain");
  world.run_for(5s);
  EXPECT_EQ(world.holders(), Nodes{0});
}

TEST_F(DrainedPair, UndrainInTheMiddleOfAnOfferIsHarmless) {
  world.drain(world.node(0));
  world.run_for(3ms);
  world.undrain(world.node(0));
  EXPECT_EQ(nobody_in(10s), 0s);
  EXPECT_EQ(world.holders(), Nodes{0});
  EXPECT_EQ(mode(0), Mode::Normal);
}

TEST_F(DrainedPair, ARestartKeepsItDrained) {
  world.drain(world.node(0));
  world.run_for(1s);
  world.stop(world.node(0));
  world.run_for(1s);
  world.start(world.node(0));
  world.run_for(1s);
  world.crash(world.node(1));
  world.run_for(10s);
  EXPECT_EQ(state(0), State::Initialize);
  EXPECT_EQ(world.holders(), Nodes{});
}

TEST_F(DrainedPair, KilledInTheMiddleItComesBackDrainedAndRemovesWhatItFinds) {
  world.drain(world.node(0));
  world.run_for(3ms);
  ASSERT_EQ(world.holders(), Nodes{0});
  world.crash(world.node(0));
  world.start(world.node(0));
  EXPECT_EQ(world.node(0).holds(), false);
  world.run_for(5s);
  EXPECT_EQ(world.holders(), Nodes{1});
  EXPECT_EQ(reason(0), "drained: `haguard undrain` ends it");
}

TEST_F(DrainedPair, AStopInTheMiddleHandsOver) {
  world.drain(world.node(0));
  world.run_for(3ms);
  world.stop(world.node(0));
  EXPECT_EQ(nobody_in(2s), 0s);
  EXPECT_EQ(world.node(0).daemon, nullptr);
  EXPECT_EQ(world.holders(), Nodes{1});
  EXPECT_EQ(world.node(0).requests_done.at(0).detail, "the daemon is told to stop");
}

TEST_F(DrainedPair, FindsASuccessorThatWasAlwaysSilent) {
  ASSERT_TRUE(world.node(0).daemon->routers()[0].peers().empty());
  world.drain(world.node(0));
  EXPECT_EQ(nobody_in(1s), 0s);
  EXPECT_EQ(world.holders(), Nodes{1});
  EXPECT_TRUE(last_request(0).ok);
}

TEST_F(DrainedPair, FindsTheSuccessorOfAnAdoptedRouter) {
  world.crash(world.node(0));
  world.start(world.node(0));
  world.run_for(1s);
  ASSERT_EQ(world.active(), Nodes{0});
  ASSERT_TRUE(world.node(0).daemon->routers()[0].peers().empty());
  world.drain(world.node(0));
  world.run_for(1s);
  EXPECT_EQ(world.holders(), Nodes{1});
}

TEST_F(DrainedPair, WithAPeerThatNeverWasNothingIsGivenUp) {
  World lonely(1);
  lonely.add(World::config(0, Version::V3, 100, 1s));
  lonely.run_for(10s);
  ASSERT_EQ(lonely.holders(), Nodes{0});
  lonely.drain(lonely.node(0));
  lonely.run_for(1s);
  EXPECT_EQ(lonely.node(0).requests_done.at(0).detail,
            "nobody took over within 0.110 s: still Active (edge/ipv4)");
  EXPECT_EQ(lonely.holders(), Nodes{0});
  EXPECT_EQ(lonely.node(0).daemon->routers()[0].transitions(), 2U);
}

TEST_F(DrainedPair, ASecondOneSaysSo) {
  world.drain(world.node(0));
  world.run_for(1s);
  world.drain(world.node(0));
  EXPECT_TRUE(last_request(0).ok);
  EXPECT_EQ(last_request(0).detail, "already drained");
}

/// A peer that obeys the RFCs to the letter: it waits its whole skew.
TEST(DrainedVersion2, APeerThatWaitsItsSkewIsWaitedFor) {
  World lan(1);
  lan.add(World::config(0, Version::V2, 100, 1s));
  auto letter = World::config(1, Version::V2, 90, 1s);
  letter.instances[0].fast_abdication = false;
  lan.add(letter);
  lan.run_for(10s);
  ASSERT_EQ(lan.holders(), Nodes{0});
  lan.drain(lan.node(0));
  lan.run_for(648ms);  // RFC 3768 6.1: 166/256 s
  EXPECT_EQ(lan.holders(), Nodes{0});
  lan.run_for(2ms);
  EXPECT_EQ(lan.holders(), Nodes{1});
  EXPECT_TRUE(lan.node(0).requests_done.at(0).ok);
}

/// Two instances in one group: edge/ipv4, inside/ipv4, inside/ipv6; and one of its own.
class DrainedGroup : public DrainedPair {
 public:
  void SetUp() override {
    start([](conf::Config& config) {
      config.instances[0].sync_group = "all";
      conf::Instance inside = config.instances[0];
      inside.name = "inside";
      inside.interface = "etx1";
      inside.virtual_addresses = {{vrrp::IpAddress::v4(10, 0, 0, 254), 32, "etx1", ""},
                                  {*vrrp::IpAddress::parse("fe80::254"), 128, "etx1", ""}};
      conf::Instance alone = config.instances[0];
      alone.name = "alone";
      alone.sync_group = "";
      alone.virtual_router_id = 52;
      alone.virtual_addresses = {{vrrp::IpAddress::v4(172, 28, 1, 253), 32, "etx2", ""}};
      config.instances.push_back(inside);
      config.instances.push_back(alone);
    });
  }
  static constexpr supervisor::RouterId kAlone = 3;
  static constexpr std::size_t kRouters = 4;
};

TEST_F(DrainedGroup, MovesAsAWhole) {
  world.drain(world.node(0));
  world.run_for(1s);
  for (supervisor::RouterId router = 0; router < kRouters; ++router) {
    EXPECT_EQ(world.holders(router), Nodes{1}) << router;
  }
  EXPECT_TRUE(last_request(0).ok);
}

TEST_F(DrainedGroup, StaysAsAWholeAndTheOthersComeBack) {
  // node 1 cannot be heard on one of the two LANs
  world.node(1).ports.at("etx1").mute = true;
  world.drain(world.node(0));
  Duration group_missing{};
  group_missing = time_of(60ms, [&] {
    return !world.node(0).holds(0) || !world.node(0).holds(1) || !world.node(0).holds(2);
  });
  EXPECT_EQ(group_missing, 0s);
  EXPECT_EQ(world.holders(kAlone), Nodes{1});  // answered, so it went
  world.node(1).ports.at("etx1").mute = false;
  world.run_for(10s);
  EXPECT_FALSE(last_request(0).ok);
  for (supervisor::RouterId router = 0; router < kRouters; ++router) {
    EXPECT_EQ(world.holders(router), Nodes{0}) << router;
  }
  EXPECT_EQ(mode(0), Mode::Normal);
}

}  // namespace
}  // namespace haguard::sim
