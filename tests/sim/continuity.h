#pragma once
// Two nodes, priorities 100 and 90, version 3 at one second, the second one as Backup.

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/sim/world.h"

namespace haguard::sim {

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

}  // namespace haguard::sim
