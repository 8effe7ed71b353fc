// The main job in simulated time, exactly: two nodes, priorities 100 and 90, and what a fault on
// the Active one costs. The LAN delivers after 50 microseconds.
#include <gtest/gtest.h>

#include "tests/sim/world.h"

namespace haguard::sim {
namespace {

using namespace std::chrono_literals;
using conf::Version;
using Nodes = std::vector<std::size_t>;

class Pair : public testing::TestWithParam<Version> {
 public:
  explicit Pair(Duration interval = 1s) {
    world.add(World::config(0, GetParam(), 100, interval));
    world.add(World::config(1, GetParam(), 90, interval));
    world.run_for(10 * interval);
  }

  /// Runs until node 1 is Active; how long that took.
  Duration take_over(Duration limit = 10s) {
    const Instant from = world.now();
    const auto& successor = world.node(1).daemon->routers()[0].state();
    while (successor.state != vrrp::State::Active && world.now() < from + limit) {
      world.run_for(1us);
    }
    return world.now() - from;
  }

  World world{1};
};

TEST_P(Pair, TheHigherPriorityIsActiveAndAloneHoldsTheAddresses) {
  EXPECT_EQ(world.active(), Nodes{0});
  EXPECT_EQ(world.holders(), Nodes{0});
}

TEST_P(Pair, AFailedCheckMovesTheAddressesInOneCentisecondOfSkew) {
  world.node(0).healthy = false;
  // one probe interval of the test's check at most, then LAN and skew of priority 90
  const Instant from = world.now();
  while (world.holders() == Nodes{0}) {
    world.run_for(1us);
  }
  EXPECT_LE(world.now() - from, 102ms);
  EXPECT_EQ(world.holders(), Nodes{});
  EXPECT_NEAR(static_cast<double>(take_over().count()), 50 + 6484, 2);
  EXPECT_EQ(world.holders(), Nodes{1});
}

TEST_P(Pair, AStopLeavesNobodyWithoutAnAddress) {
  bool nobody = false;
  world.on_step = [&] { nobody = nobody || world.holders().empty(); };
  world.stop(world.node(0));
  EXPECT_NEAR(static_cast<double>(take_over().count()), 50 + 6484, 2);
  world.run_for(1s);
  EXPECT_FALSE(nobody);
  EXPECT_EQ(world.holders(), Nodes{1});
  EXPECT_EQ(world.node(0).daemon, nullptr);
}

TEST_P(Pair, AStopWithoutASuccessorEndsInTime) {
  world.crash(world.node(1));
  world.stop(world.node(0));
  world.run_for(GetParam() == Version::V3 ? 111ms : 1101ms);
  EXPECT_EQ(world.node(0).daemon, nullptr);
  EXPECT_EQ(world.holders(), Nodes{});
}

TEST_P(Pair, APowerCutCostsTheDownInterval) {
  world.node(0).port().segment = 1;
  // version 2 and 3 agree at one second: 3 s and 166/256 s, counted from the last advertisement
  const Duration took = take_over();
  EXPECT_GT(took, 2648ms);
  EXPECT_LE(took, 3649ms);
}

TEST_P(Pair, AfterAPartitionTheHigherPriorityStays) {
  world.node(1).port().segment = 1;
  world.run_for(5s);
  EXPECT_EQ(world.active(), (Nodes{0, 1}));
  const std::uint64_t announced = world.node(0).announcements;
  world.node(1).port().segment = 0;
  world.run_for(1050ms);
  EXPECT_EQ(world.active(), Nodes{0});
  EXPECT_EQ(world.holders(), Nodes{0});
  EXPECT_GT(world.node(0).announcements, announced);
}

TEST_P(Pair, ALinkThatIsLostIsInitializeAndComesBackAsBackup) {
  world.set_link(world.node(0), false);
  EXPECT_EQ(world.node(0).daemon->routers()[0].state().state, vrrp::State::Initialize);
  EXPECT_EQ(world.holders(), Nodes{});
  world.run_for(5s);
  EXPECT_EQ(world.active(), Nodes{1});
  world.set_link(world.node(0), true);
  EXPECT_EQ(world.node(0).daemon->routers()[0].state().state, vrrp::State::Backup);
  world.run_for(5s);
  EXPECT_EQ(world.active(), Nodes{0});
}

TEST_P(Pair, ABackupThatWasStoppedForSecondsSaysNothingWhenItGoesOn) {
  const std::uint64_t sent = world.node(1).packets_sent;
  world.stall(world.node(1));
  world.run_for(5s);
  world.resume(world.node(1));
  world.run_for(5s);
  EXPECT_EQ(world.node(1).packets_sent, sent);
  EXPECT_EQ(world.active(), Nodes{0});
}

TEST_P(Pair, NobodyIsElectedBeforeTheChecksHaveSpoken) {
  World fresh(1);
  Machine& machine = fresh.add(World::config(0, GetParam(), 100, 1s));
  EXPECT_EQ(machine.daemon->routers()[0].state().state, vrrp::State::Initialize);
  EXPECT_EQ(machine.daemon->routers()[0].reason(), "waiting for the first verdict of every check");
  machine.healthy = false;
  fresh.run_for(10s);
  EXPECT_EQ(machine.daemon->routers()[0].reason(), "fault: app: refused");
  EXPECT_EQ(fresh.active(), Nodes{});
}

INSTANTIATE_TEST_SUITE_P(Versions, Pair, testing::Values(Version::V2, Version::V3),
                         [](const auto& version) {
                           return version.param == Version::V2 ? "Version2" : "Version3";
                         });

TEST(PowerCut, AtHundredMillisecondsIsOverWithin365) {
  World world(1);
  world.add(World::config(0, Version::V3, 100, 100ms));
  world.add(World::config(1, Version::V3, 90, 100ms));
  world.run_for(2s);
  world.node(0).port().segment = 1;
  world.run_for(365ms);
  EXPECT_EQ(world.active(), (Nodes{0, 1}));
}

TEST(Machines, HeldUpByOneHypervisorKeepTheirRoles) {
  World world(1);
  world.add(World::config(0, Version::V3, 100, 10ms));
  world.add(World::config(1, Version::V3, 90, 10ms));
  world.run_for(2s);
  ASSERT_EQ(world.active(), Nodes{0});
  const auto changed = world.node(1).last_change;
  for (int held_up = 0; held_up < 10; ++held_up) {
    world.stall(world.node(0));
    world.stall(world.node(1));
    world.run_for(40ms);
    world.resume(world.node(1));  // finds nothing that its peer could have sent meanwhile
    world.run_for(5ms);
    world.resume(world.node(0));
    world.run_for(1s);
  }
  EXPECT_EQ(world.node(1).last_change, changed);
  EXPECT_EQ(world.active(), Nodes{0});
}

}  // namespace
}  // namespace haguard::sim
