// Two nodes, priorities 100 and 90, version 3 at one second: a daemon that is told to stay and is
// stopped then leaves its addresses to the next one, which begins a quarter of a second later. In
// simulated time, exactly.
#include "tests/sim/continuity.h"

namespace haguard::sim {
namespace {

class Restart : public Continuity {
 public:
  void restart(Duration after_stay = 0s) {
    world.stay(world.node(0));
    world.run_for(after_stay);
    world.stop(world.node(0));
    world.at(250ms, [this] { world.start(world.node(0)); });
  }
  [[nodiscard]] bool refused() { return !world.node(0).requests_done.back().ok; }
  [[nodiscard]] std::string answer() { return world.node(0).requests_done.back().detail; }
};

TEST_F(Restart, NoAddressMovesAndNoRoleChanges) {
  start();
  const Instant peer_changed = world.node(1).last_change;
  restart();
  EXPECT_FALSE(refused());
  EXPECT_EQ(time_of(30s, [&] { return world.holders() != Nodes{0}; }), 0s);
  EXPECT_EQ(world.node(1).last_change, peer_changed);
  EXPECT_EQ(state(0), State::Active);
  EXPECT_TRUE(traced("initialize -> active (adopted"));
}

TEST_F(Restart, WithoutANextDaemonThePeerTakesOverWhenTheLeaseHasEnded) {
  start();
  world.stay(world.node(0));
  world.stop(world.node(0));
  EXPECT_EQ(time_of(10s, [&] { return world.holders() == Nodes{0, 1}; }), 0s);
  EXPECT_EQ(world.holders(), Nodes{1});
}

TEST_F(Restart, AStopThatNobodyAnnouncedHandsOver) {
  start();
  world.stop(world.node(0));
  world.run_for(100ms);
  EXPECT_EQ(world.holders(), Nodes{1});
}

TEST_F(Restart, AnAnnouncementIsForgottenAfterTenSeconds) {
  start();
  restart(10s);
  world.run_for(100ms);
  EXPECT_EQ(world.holders(), Nodes{1});
}

TEST_F(Restart, AStopInTheLastMomentBeforeIsPartOfIt) {
  start();
  restart(9999ms);
  EXPECT_EQ(time_of(5s, [&] { return world.holders() != Nodes{0}; }), 0s);
}

TEST_F(Restart, ABackupJustEnds) {
  start();
  world.stay(world.node(1));
  world.stop(world.node(1));
  world.at(250ms, [this] { world.start(world.node(1)); });
  EXPECT_EQ(time_of(10s, [&] { return world.holders() != Nodes{0}; }), 0s);
  EXPECT_EQ(state(1), State::Backup);
}

TEST_F(Restart, WithoutALeaseItIsRefused) {
  start([](conf::Config& config) { config.instances[0].lease = 0s; });
  restart();
  EXPECT_TRUE(refused());
  EXPECT_EQ(answer(), "a stop hands the addresses over: edge/ipv4: the addresses have no lease");
  world.run_for(100ms);
  EXPECT_EQ(world.holders(), Nodes{1});
}

TEST_F(Restart, WhenThePeerWouldTakeOverMeanwhileItIsRefused) {
  start([](conf::Config& config) { config.instances[0].advertisement_interval = 100ms; });
  restart();
  EXPECT_TRUE(refused());
  EXPECT_EQ(answer(),
            "a stop hands the addresses over: edge/ipv4: its peers wait too short a time");
  world.run_for(100ms);
  EXPECT_EQ(world.holders(), Nodes{1});
}

TEST_F(Restart, ADrainComesFirst) {
  start();
  world.drain(world.node(0));
  world.stay(world.node(0));
  EXPECT_TRUE(refused());
  EXPECT_EQ(answer(), "a stop hands the addresses over: a drain is under way");
}

}  // namespace
}  // namespace haguard::sim
