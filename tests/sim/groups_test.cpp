// Groups that must not be torn: the families of an instance, the instances of a sync group.
#include "tests/sim/continuity.h"

namespace haguard::sim {
namespace {

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
