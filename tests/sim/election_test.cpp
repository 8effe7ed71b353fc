// What a node says of an election that it has taken part in.
#include "supervisor/election.h"

#include <functional>

#include <gtest/gtest.h>

#include "tests/sim/world.h"

namespace haguard::sim {
namespace {

using namespace std::chrono_literals;
using conf::Version;

class Election : public testing::Test {
 protected:
  void start(
      int first, int second,
      const std::function<void(conf::Instance&)>& change = [](conf::Instance&) {}) {
    for (const int number : {0, 1}) {
      auto config = World::config(number, Version::V3, number == 0 ? first : second, 1s);
      change(config.instances[0]);
      world_.add(std::move(config));
    }
    world_.run_for(5s);
  }
  /// So that the first one, if it was away, comes back as Backup.
  void let_the_second_lead() {
    world_.set_link(world_.node(0), false);
    world_.run_for(5s);
    world_.set_link(world_.node(0), true);
  }
  [[nodiscard]] std::string of(std::size_t node) {
    return supervisor::election(world_.node(node).daemon->routers()[0], world_.now());
  }

  World world_{1};
};

TEST_F(Election, IsWonByPriority) {
  start(100, 90);
  EXPECT_EQ(of(0), "this node: no other router heard");
  EXPECT_EQ(of(1), "172.28.1.1: priority 100, ours 90");
  world_.node(1).healthy = false;
  world_.run_for(1s);
  EXPECT_EQ(of(1), "172.28.1.1: this node takes no part");
}

TEST_F(Election, OfEqualsIsWonByAddress) {
  start(100, 100);
  EXPECT_EQ(of(0), "172.28.1.2: our priority 100, and the higher address");
}

TEST_F(Election, OfABetterNodeThatMayNotPreempt) {
  start(100, 90, [](conf::Instance& instance) { instance.preempt = false; });
  let_the_second_lead();
  world_.run_for(5s);
  EXPECT_EQ(of(0), "172.28.1.2: preempt is off (priority 90, ours 100)");
}

TEST_F(Election, OfABetterNodeThatWaits) {
  start(100, 90, [](conf::Instance& instance) { instance.preempt_delay = 30s; });
  let_the_second_lead();
  world_.run_for(5s);
  EXPECT_EQ(of(0), "172.28.1.2: preempt_delay is not over (priority 90, ours 100)");
  world_.run_for(40s);
  EXPECT_EQ(of(0), "this node: priority 100, 172.28.1.2 has 90");
}

TEST_F(Election, OfABetterNodeThatIsHeldDown) {
  start(100, 90);
  for (int i = 0; i < 2; ++i) {
    world_.node(0).healthy = false;
    world_.run_for(1s);
    world_.node(0).healthy = true;
    world_.run_for(2s);
  }
  EXPECT_EQ(of(0), "172.28.1.2: we are held down (priority 90, ours 100)");
}

TEST_F(Election, WithNobodyInIt) {
  start(100, 90);
  world_.node(0).healthy = false;
  world_.crash(world_.node(1));
  world_.run_for(5s);
  EXPECT_EQ(of(0), "nobody known: this node takes no part, no other router was heard");
}

}  // namespace
}  // namespace haguard::sim
