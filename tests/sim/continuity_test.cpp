// Two nodes, priorities 100 and 90, version 3 at one second: daemons that die, come back or stand
// still, addresses that somebody removes, and groups that must not be torn. In simulated time,
// exactly; the lease is three seconds and is renewed every second.
#include <algorithm>

#include <gtest/gtest.h>

#include "tests/sim/world.h"

namespace haguard::sim {
namespace {

using namespace std::chrono_literals;
using conf::Version;
using vrrp::State;
using Nodes = std::vector<std::size_t>;

class Continuity : public testing::Test {
 public:
  void start(const std::function<void(conf::Config&)>& change = [](conf::Config&) {}) {
    for (const int number : {0, 1}) {
      auto config = World::config(number, Version::V3, number == 0 ? 100 : 90, 1s);
      change(config);
      world.add(std::move(config));
    }
    world.run_for(10s);
    ASSERT_EQ(world.holders(), Nodes{0});
  }
  void let_node_0_hear_of_node_1() {
    world.set_link(world.node(0), false);
    world.run_for(5s);
    world.set_link(world.node(0), true);
    world.run_for(10s);
    ASSERT_EQ(world.holders(), Nodes{0});
  }
  [[nodiscard]] State state(std::size_t node, supervisor::RouterId router = 0) {
    return world.node(node).daemon->routers().at(router).state().state;
  }
  [[nodiscard]] const std::string& reason(std::size_t node, supervisor::RouterId router = 0) {
    return world.node(node).daemon->routers().at(router).reason();
  }
  [[nodiscard]] bool traced(std::string_view text) const {
    return std::ranges::any_of(world.trace(), [&](const std::string& line) {
      return line.find(text) != std::string::npos;
    });
  }
  /// How long `holds` was true within `time`.
  Duration time_of(Duration time, const std::function<bool()>& holds) {
    Duration sum{};
    Instant last = world.now();
    bool before = holds();
    world.on_step = [&] {
      sum += before ? world.now() - last : Duration::zero();
      last = world.now();
      before = holds();
    };
    world.run_for(time);
    world.on_step = {};
    return sum + (before ? world.now() - last : Duration::zero());
  }

  World world{1};
};

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

// ---- sync groups

class Group : public Continuity {
 public:
  void SetUp() override {
    start([](conf::Config& config) {
      config.instances[0].sync_group = "all";
      conf::Instance inside = config.instances[0];
      inside.name = "inside";
      inside.interface = "etx1";
      inside.virtual_addresses = {{vrrp::IpAddress::v4(10, 0, 0, 254), 32, "etx1", ""},
                                  {*vrrp::IpAddress::parse("fe80::254"), 128, "etx1", ""}};
      config.instances.push_back(inside);
    });
  }
  static constexpr std::size_t kRouters = 3;  // edge/ipv4, inside/ipv4, inside/ipv6
  void expect_all_at(std::size_t node) {
    for (supervisor::RouterId router = 0; router < kRouters; ++router) {
      EXPECT_EQ(world.active(router), Nodes{node}) << router;
      EXPECT_EQ(world.holders(router), Nodes{node}) << router;
    }
  }
};

TEST_F(Group, IsActiveOnOneNode) {
  expect_all_at(0);
}

TEST_F(Group, ALinkThatIsDownMovesAllOfIt) {
  world.set_link(world.node(0), "etx1", false);
  EXPECT_EQ(state(0, 0), State::Initialize);
  EXPECT_EQ(reason(0, 0), "sync group: inside/ipv4: fault: interface etx1 is down");
  // the LAN that still carries packets hears a resignation
  world.run_for(10ms);
  EXPECT_EQ(state(1, 0), State::Backup);
  world.run_for(4s);
  expect_all_at(1);
  world.set_link(world.node(0), "etx1", true);
  world.run_for(5s);
  expect_all_at(0);
}

TEST_F(Group, ACutOnOneLanNeverTearsIt) {
  world.node(1).ports.at("etx1").segment = 1;
  world.run_for(20s);
  // node 1 hears node 0 on the other LAN: it takes nothing over, and says so
  expect_all_at(0);
  EXPECT_TRUE(
      traced("inside/ipv4: nobody advertises, but the sync group waits: edge/ipv4 hears a better"));
  world.node(1).ports.at("etx1").segment = 0;
  world.run_for(5s);
  expect_all_at(0);
}

TEST_F(Group, AfterACutOfBothLansOneWinsAll) {
  world.node(1).ports.at("etx1").segment = 1;
  world.node(1).ports.at("etx2").segment = 1;
  world.run_for(10s);
  EXPECT_EQ(world.active(1), (Nodes{0, 1}));
  // one LAN heals before the other
  world.node(1).ports.at("etx2").segment = 0;
  world.run_for(1100ms);
  expect_all_at(0);
}

TEST_F(Group, AStopHandsAllOfItOver) {
  world.stop(world.node(0));
  EXPECT_EQ(time_of(1s, [&] { return world.holders(0).empty() || world.holders(2).empty(); }), 0s);
  expect_all_at(1);
}

TEST_F(Group, IsAdoptedAsAWholeOrNotAtAll) {
  world.crash(world.node(0));
  world.start(world.node(0));
  expect_all_at(0);
  world.crash(world.node(0));
  world.remove_addresses(world.node(0), 1);
  world.start(world.node(0));
  for (supervisor::RouterId router = 0; router < kRouters; ++router) {
    EXPECT_EQ(state(0, router), State::Initialize) << router;
    EXPECT_FALSE(world.node(0).holds(router)) << router;
  }
}

}  // namespace
}  // namespace haguard::sim
