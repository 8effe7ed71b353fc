// Two nodes, priorities 100 and 90, version 3 at one second: daemons that die, come back or stand
// still, addresses that somebody removes, weights and hold-downs. In simulated time, exactly; the
// lease is three seconds and is renewed every second.
#include "tests/sim/continuity.h"

namespace haguard::sim {
namespace {

TEST_F(Continuity, ALeaseNeverEndsWhileTheDaemonRuns) {
  start();
  EXPECT_EQ(time_of(5min, [&] { return world.holders() != Nodes{0}; }), 0s);
  EXPECT_FALSE(traced("lease expired"));
}

TEST_F(Continuity, AKilledDaemonLeavesNothingBehindForLongerThanItsLease) {
  start();
  world.crash(world.node(0));
  const Duration both = time_of(10s, [&] { return world.holders() == Nodes{0, 1}; });
  EXPECT_EQ(both, 0s);
  EXPECT_EQ(world.holders(), Nodes{1});
  EXPECT_FALSE(world.node(0).holds());
}

TEST_F(Continuity, ADaemonThatIsRestartedAtOnceGoesOnAsActive) {
  start();
  const Instant peer_changed = world.node(1).last_change;
  world.crash(world.node(0));
  world.at(100ms, [&] { world.start(world.node(0)); });
  EXPECT_EQ(time_of(10s, [&] { return world.holders() != Nodes{0}; }), 0s);
  EXPECT_EQ(world.node(1).last_change, peer_changed);
  EXPECT_EQ(world.active(), Nodes{0});
  EXPECT_TRUE(traced("initialize -> active (adopted"));
}

TEST_F(Continuity, AnAdoptedNodeThatTurnsOutToBeUnfitHandsOver) {
  start();
  world.crash(world.node(0));
  world.node(0).healthy = false;
  world.start(world.node(0));
  EXPECT_EQ(state(0), State::Active);
  world.run_for(200ms);
  EXPECT_EQ(state(0), State::Initialize);
  EXPECT_EQ(reason(0), "fault: app: refused");
  EXPECT_EQ(world.holders(), Nodes{1});
}

TEST_F(Continuity, ADaemonThatComesBackLateIsBackup) {
  start([](conf::Config& config) { config.instances[0].preempt = false; });
  world.crash(world.node(0));
  world.run_for(5s);
  world.start(world.node(0));
  world.run_for(10s);
  EXPECT_EQ(state(0), State::Backup);
  EXPECT_EQ(world.holders(), Nodes{1});
}

TEST_F(Continuity, WithoutALeaseNothingIsAdopted) {
  start([](conf::Config& config) {
    config.instances[0].lease = 0s;
    config.instances[0].preempt = false;
  });
  world.crash(world.node(0));
  world.run_for(100ms);
  world.start(world.node(0));
  EXPECT_FALSE(world.node(0).holds());
  world.run_for(10s);
  EXPECT_EQ(world.holders(), Nodes{1});
}

TEST_F(Continuity, AnotherFileThanTheOneOfTheRecordIsNotAdopted) {
  start();
  world.crash(world.node(0));
  world.node(0).record.at(0).addresses.at(0).prefix_length = 24;
  world.start(world.node(0));
  EXPECT_EQ(state(0), State::Initialize);
  EXPECT_FALSE(world.node(0).holds());
}

TEST_F(Continuity, AnActiveThatStoodStillTakesItsPlaceBackFromAWorseRouter) {
  start();
  world.stall(world.node(0));
  world.run_for(5s);
  EXPECT_EQ(world.holders(), Nodes{1});
  world.resume(world.node(0));
  world.run_for(10ms);
  EXPECT_EQ(world.active(), Nodes{0});
  EXPECT_EQ(world.holders(), Nodes{0});
}

TEST_F(Continuity, WithoutPreemptionAnActiveThatStoodStillSaysNothingAndIsBackup) {
  start([](conf::Config& config) { config.instances[0].preempt = false; });
  world.stall(world.node(0));
  world.run_for(5s);
  const std::uint64_t sent = world.node(0).packets_sent;
  world.resume(world.node(0));
  EXPECT_EQ(state(0), State::Backup);
  world.run_for(10s);
  EXPECT_EQ(world.node(0).packets_sent, sent);
  EXPECT_EQ(world.holders(), Nodes{1});
}

TEST_F(Continuity, AnActiveThatStoodStillAloneAnnouncesAgain) {
  start();
  world.crash(world.node(1));
  world.run_for(10s);
  world.stall(world.node(0));
  world.run_for(5s);
  EXPECT_EQ(world.holders(), Nodes{});
  const std::uint64_t announced = world.node(0).announcements;
  world.resume(world.node(0));
  world.run_for(10ms);
  EXPECT_EQ(world.holders(), Nodes{0});
  EXPECT_GT(world.node(0).announcements, announced);
  EXPECT_TRUE(traced("put back 172.28.1.254 (the lease ran out while we were held up)"));
}

TEST_F(Continuity, AnAddressThatSomebodyRemovesIsPutBackAndAnnounced) {
  start();
  const std::uint64_t announced = world.node(0).announcements;
  world.remove_addresses(world.node(0));
  EXPECT_EQ(world.holders(), Nodes{0});
  EXPECT_GT(world.node(0).announcements, announced);
}

TEST_F(Continuity, WhoRemovesItFiveTimesInAMinuteMeansIt) {
  start();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(state(0), State::Active);
    world.run_for(5s);
    world.remove_addresses(world.node(0));
  }
  EXPECT_EQ(state(0), State::Initialize);
  EXPECT_EQ(reason(0), "fault: addresses: somebody removes them again and again");
  world.run_for(50ms);
  EXPECT_EQ(world.holders(), Nodes{1});
  // it tries again after a minute
  world.run_for(59s);
  EXPECT_EQ(world.holders(), Nodes{1});
  world.run_for(6s);
  EXPECT_EQ(world.holders(), Nodes{0});
}

TEST_F(Continuity, NoElectionBeforeTheStartupDelay) {
  World fresh(1);
  auto config = World::config(0, Version::V3, 100, 1s);
  config.instances[0].startup_delay = 30s;
  Machine& machine = fresh.add(config);
  fresh.run_for(29999ms);
  EXPECT_EQ(machine.daemon->routers()[0].state().state, State::Initialize);
  EXPECT_EQ(machine.daemon->routers()[0].reason(), "waiting for the end of startup_delay");
  fresh.run_for(2ms);
  EXPECT_EQ(machine.daemon->routers()[0].state().state, State::Backup);
}

TEST_F(Continuity, AnOwnersAddressesStayWhileTheChecksArePending) {
  World fresh(1);
  auto config = World::config(0, Version::V3, 255, 1s);
  config.instances[0].lease = 0s;
  Machine& machine = fresh.add(config);
  fresh.run_for(1s);
  EXPECT_EQ(fresh.active(), Nodes{0});
  fresh.crash(machine);
  EXPECT_TRUE(machine.holds());
  fresh.start(machine);
  EXPECT_TRUE(machine.holds());
  fresh.run_for(1s);
  EXPECT_EQ(fresh.active(), Nodes{0});
  // but not once it is known that nobody serves them here
  fresh.crash(machine);
  machine.healthy = false;
  fresh.start(machine);
  fresh.run_for(1s);
  EXPECT_FALSE(machine.holds());
}

TEST_F(Continuity, AWeightThatLosesIsAHandOverWithoutAGap) {
  start([](conf::Config& config) { config.checks[0].weight = -50; });
  let_node_0_hear_of_node_1();
  world.node(0).healthy = false;
  const Instant from = world.now();
  EXPECT_EQ(time_of(200ms, [&] { return world.holders().empty(); }), 0s);
  EXPECT_EQ(world.active(), Nodes{1});
  EXPECT_EQ(world.holders(), Nodes{1});
  // the check fails within 101 ms; then the LAN and the skew of priority 90
  EXPECT_LE(world.node(1).last_change - from, 101ms + 50us + 6484us + 2us);
}

TEST_F(Continuity, AWeightThatLosesAgainstNobodyIsNoChange) {
  start([](conf::Config& config) { config.checks[0].weight = -50; });
  let_node_0_hear_of_node_1();
  world.crash(world.node(1));
  world.run_for(10s);
  const Instant changed = world.node(0).last_change;
  world.node(0).healthy = false;
  EXPECT_EQ(time_of(5s, [&] { return world.holders() != Nodes{0}; }), 0s);
  EXPECT_EQ(world.node(0).last_change, changed);
}

// ---- hold-down

TEST_F(Continuity, ANodeThatFlapsLeavesAWorseOneInOfficeForAWhile) {
  start();
  const auto flap = [&] {
    world.node(0).healthy = false;
    world.run_for(1s);
    world.node(0).healthy = true;
    world.run_for(5s);
  };
  flap();
  EXPECT_EQ(world.active(), Nodes{0}) << "twice is no habit";
  flap();
  EXPECT_TRUE(traced("check app: 4 changes in a minute, held down: no preemption for 10.000 s"));
  EXPECT_EQ(world.active(), Nodes{1});
  EXPECT_EQ(reason(0), "ready, priority 100");
  world.run_for(9s);
  EXPECT_EQ(world.active(), Nodes{0}) << "10 s, and at most one Active_Down_Interval";
}

TEST_F(Continuity, WhoIsHeldDownSucceedsASilentRouterAllTheSame) {
  start();
  for (int i = 0; i < 2; ++i) {
    world.node(0).healthy = false;
    world.run_for(1s);
    world.node(0).healthy = true;
    world.run_for(1s);
  }
  ASSERT_EQ(world.active(), Nodes{1});
  world.crash(world.node(1));
  world.run_for(3700ms);
  EXPECT_EQ(world.active(), Nodes{0});
}

TEST_F(Continuity, AFailingNodeDoesNotStayInOfficeWithoutPreemption) {
  start([](conf::Config& config) {
    config.instances[0].preempt = false;
    config.checks[0].weight = -50;
  });
  world.set_link(world.node(0), false);
  world.run_for(5s);
  world.set_link(world.node(0), true);
  world.run_for(10s);
  ASSERT_EQ(world.active(), Nodes{1});
  world.node(1).healthy = false;
  world.run_for(300ms);
  EXPECT_EQ(world.active(), Nodes{0});
  world.node(1).healthy = true;
  world.run_for(10s);
  EXPECT_EQ(world.active(), Nodes{0}) << "and does not come back by itself";
}

TEST_F(Continuity, WithoutPreemptionAFailingNodeAsksAPeerThatItNeverHeard) {
  start([](conf::Config& config) {
    config.instances[0].preempt = false;
    config.checks[0].weight = -50;
  });
  world.node(0).healthy = false;
  EXPECT_EQ(time_of(300ms, [&] { return world.holders().empty(); }), 0s);
  EXPECT_EQ(world.active(), Nodes{1});
}

}  // namespace
}  // namespace haguard::sim
