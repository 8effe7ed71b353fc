// A configuration that is changed while the daemon runs, in simulated time: what did not change
// keeps its state, its timers and its addresses.
#include "tests/sim/continuity.h"

namespace haguard::sim {
namespace {

class Reconfigured : public Continuity {
 public:
  void change(std::size_t node, const std::function<void(conf::Config&)>& edit) {
    conf::Config config = World::in_force(world.node(node));
    edit(config);
    world.reconfigure(world.node(node), std::move(config));
  }
  [[nodiscard]] const supervisor::VirtualRouter& router(std::size_t node) {
    return world.node(node).daemon->routers().front();
  }
  [[nodiscard]] Duration nobody_in(Duration time, supervisor::RouterId router = 0) {
    return time_of(time, [&, router] { return world.holders(router).empty(); });
  }
  static conf::Check check(const std::string& name, std::optional<int> weight) {
    conf::Check added = World::config(0, Version::V3, 100, 1s).checks.front();
    added.name = name;
    added.weight = weight;
    return added;
  }
};

TEST_F(Reconfigured, NothingChangedIsNoEvent) {
  start();
  world.run_for(300ms);
  const Instant active_next = router(0).election_deadline();
  const Instant backup_next = router(1).election_deadline();
  const auto sent = world.node(0).packets_sent;
  change(0, [](conf::Config&) {});
  change(1, [](conf::Config&) {});
  EXPECT_EQ(router(0).election_deadline(), active_next);
  EXPECT_EQ(router(1).election_deadline(), backup_next);
  EXPECT_EQ(world.node(0).packets_sent, sent);
  EXPECT_EQ(nobody_in(10s), 0s);
  EXPECT_EQ(router(0).transitions(), 2U);
  EXPECT_EQ(router(1).transitions(), 1U);
}

TEST_F(Reconfigured, AnotherNameKeepsEverything) {
  start();
  const Instant since = router(0).since();
  change(0, [](conf::Config& config) { config.instances[0].name = "front"; });
  EXPECT_EQ(router(0).name(), "front/ipv4");
  EXPECT_EQ(router(0).since(), since);
  EXPECT_EQ(nobody_in(10s), 0s);
  EXPECT_EQ(world.active(), Nodes{0});
  // The successor of this daemon finds the record under the new name.
  world.crash(world.node(0));
  world.start(world.node(0));
  EXPECT_EQ(nobody_in(1s), 0s);
  EXPECT_EQ(world.active(), Nodes{0});
}

TEST_F(Reconfigured, ALowerPriorityIsHandedOverAsByACheck) {
  start();
  let_node_0_hear_of_node_1();
  change(0, [](conf::Config& config) { config.instances[0].priority = 80; });
  EXPECT_EQ(nobody_in(100ms), 0s);
  EXPECT_EQ(world.holders(), Nodes{1});
}

TEST_F(Reconfigured, AHigherPriorityOfTheBackupPreemptsByItsTimer) {
  start();
  change(1, [](conf::Config& config) { config.instances[0].priority = 120; });
  world.run_for(4s);  // the Active_Down_Interval
  EXPECT_EQ(world.holders(), Nodes{1});
}

TEST_F(Reconfigured, ACheckThatComesIsNotWaitedFor) {
  start();
  change(0, [](conf::Config& config) { config.checks.push_back(check("new", std::nullopt)); });
  EXPECT_EQ(nobody_in(5s), 0s);
  EXPECT_EQ(world.holders(), Nodes{0});
  EXPECT_EQ(router(0).transitions(), 2U);
}

TEST_F(Reconfigured, ACheckThatComesAndFailsCounts) {
  start();
  world.node(0).healthy = false;
  change(0, [](conf::Config& config) {
    config.checks[0].weight = -1;  // the old one alone would not move anything
    config.checks.push_back(check("new", std::nullopt));
  });
  world.run_for(5s);
  EXPECT_EQ(world.holders(), Nodes{1});
}

TEST_F(Reconfigured, AChangedCheckKeepsItsVerdictUntilItHasAnother) {
  start([](conf::Config& config) { config.checks[0].weight = -5; });
  world.node(0).healthy = false;
  world.run_for(1s);
  ASSERT_EQ(router(0).fitness().effective, 95);
  change(0, [](conf::Config& config) { config.checks[0].target.port = 99; });
  EXPECT_EQ(router(0).fitness().effective, 95);
  world.node(0).healthy = true;
  world.run_for(1s);
  EXPECT_EQ(router(0).fitness().effective, 100);
}

TEST_F(Reconfigured, ACheckThatGoesTakesItsWeightWithIt) {
  start([](conf::Config& config) { config.checks.push_back(check("more", -5)); });
  world.node(0).healthy = false;
  change(0, [](conf::Config& config) { config.checks[0].weight = -3; });
  world.run_for(1s);
  ASSERT_EQ(router(0).fitness().effective, 92);
  change(0, [](conf::Config& config) { config.checks.pop_back(); });
  EXPECT_EQ(router(0).fitness().effective, 97);
}

TEST_F(Reconfigured, AnInstanceThatGoesLeavesAndTheOtherOnesStay) {
  start([](conf::Config& config) {
    conf::Instance second = config.instances[0];
    second.name = "second";
    second.virtual_router_id = 52;
    second.virtual_addresses = {{vrrp::IpAddress::v4(172, 28, 1, 253), 32, "etx2", ""}};
    config.instances.push_back(second);
  });
  ASSERT_EQ(world.holders(1), Nodes{0});
  change(0, [](conf::Config& config) { config.instances.pop_back(); });
  EXPECT_FALSE(world.node(0).holds(1));
  EXPECT_EQ(nobody_in(100ms), 0s);
  // It has resigned, so the peer takes over at once, and when the peer loses it nobody has it.
  EXPECT_EQ(world.holders(1), Nodes{1});
  change(1, [](conf::Config& config) { config.instances.pop_back(); });
  EXPECT_EQ(world.holders(1), Nodes{});
  EXPECT_EQ(nobody_in(5s), 0s);
  EXPECT_EQ(router(0).transitions(), 2U);
}

TEST_F(Reconfigured, AnInstanceThatComesIsElectedAsAtStart) {
  start();
  const auto add = [](conf::Config& config) {
    conf::Instance second = config.instances[0];
    second.name = "second";
    second.virtual_router_id = 52;
    second.virtual_addresses = {{vrrp::IpAddress::v4(172, 28, 1, 253), 32, "etx2", ""}};
    config.instances.push_back(second);
  };
  change(0, add);
  change(1, add);
  world.run_for(5s);
  EXPECT_EQ(world.holders(1), Nodes{0});
  EXPECT_EQ(router(0).transitions(), 2U);
}

TEST_F(Reconfigured, AnotherFamilyJoinsWithoutHoldingTheFirstUp) {
  start();
  const auto add = [](conf::Config& config) {
    config.instances[0].virtual_addresses.push_back(
        {*vrrp::IpAddress::parse("fe80::254"), 128, "etx2", ""});
  };
  change(0, add);
  EXPECT_EQ(nobody_in(5s), 0s);
  EXPECT_EQ(world.holders(1), Nodes{0}) << "the peer does not know of it";
  change(1, add);
  EXPECT_EQ(nobody_in(5s), 0s);
  EXPECT_EQ(world.holders(1), Nodes{0});
  EXPECT_EQ(router(0).transitions(), 2U);
  EXPECT_EQ(router(1).transitions(), 1U);
  // From here on they are one.
  world.crash(world.node(0));
  world.run_for(4s);
  EXPECT_TRUE(world.node(1).holds(0));
  EXPECT_TRUE(world.node(1).holds(1));
}

TEST_F(Reconfigured, AFamilyThatOnlyTheBackupKnowsYetWaitsWithItsGroup) {
  start();
  change(1, [](conf::Config& config) {
    config.instances[0].virtual_addresses.push_back(
        {*vrrp::IpAddress::parse("fe80::254"), 128, "etx2", ""});
  });
  world.run_for(10s);
  EXPECT_EQ(world.holders(0), Nodes{0});
  EXPECT_EQ(world.holders(1), Nodes{});
}

TEST_F(Reconfigured, AFamilyThatCannotBeIsNoFaultOfTheOther) {
  start();
  world.node(0).link_local = vrrp::IpAddress();
  change(0, [](conf::Config& config) {
    config.instances[0].virtual_addresses.push_back(
        {*vrrp::IpAddress::parse("fe80::254"), 128, "etx2", ""});
  });
  EXPECT_EQ(nobody_in(10s), 0s);
  EXPECT_EQ(world.holders(0), Nodes{0});
  EXPECT_EQ(reason(0, 1), "fault: interface etx2 has no usable IPv6 link-local address");
}

TEST_F(Reconfigured, AnAddressMoreIsSetAndAnnouncedAtOnce) {
  start();
  world.run_for(10s);
  const auto announced = world.node(0).announcements;
  change(0, [](conf::Config& config) {
    config.instances[0].virtual_addresses.push_back(
        {vrrp::IpAddress::v4(172, 28, 1, 253), 32, "etx2", ""});
  });
  EXPECT_EQ(world.node(0).announcements, announced + 2) << "one for each address";
  EXPECT_EQ(router(0).holdings().addresses().size(), 2U);
  EXPECT_EQ(nobody_in(10s), 0s);
}

TEST_F(Reconfigured, AShorterIntervalIsFollowedByTheBackup) {
  start();
  change(0, [](conf::Config& config) { config.instances[0].advertisement_interval = 100ms; });
  world.run_for(2s);
  world.crash(world.node(0));
  // three of the new ones and its skew
  world.run_for(400ms);
  EXPECT_EQ(state(1), State::Active);
}

TEST_F(Reconfigured, ADrainedNodeStaysDrained) {
  start();
  world.drain(world.node(0));
  world.run_for(1s);
  change(0, [](conf::Config& config) { config.instances[0].priority = 200; });
  world.run_for(10s);
  EXPECT_EQ(world.holders(), Nodes{1});
  world.undrain(world.node(0));
  world.run_for(5s);
  EXPECT_EQ(world.holders(), Nodes{0});
}

}  // namespace
}  // namespace haguard::sim
