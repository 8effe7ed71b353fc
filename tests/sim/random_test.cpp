// Thousands of random runs: 2 to 5 nodes, loss, delay, partitions, stalls, crashes, stops, failing
// checks. After every run the LAN is healed and everybody is well again; then exactly one node is
// Active, it is the right one, and it alone holds the addresses.
//
// HAGUARD_SIM_SEED=n runs that seed alone and prints its trace; HAGUARD_SIM_RUNS sets how many.
#include <cstdlib>

#include <gtest/gtest.h>

#include "tests/sim/world.h"

namespace haguard::sim {
namespace {

using namespace std::chrono_literals;
using conf::Version;

unsigned number_from_environment(const char* name, unsigned otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : static_cast<unsigned>(std::stoul(text));
}

class RandomRun {
 public:
  explicit RandomRun(unsigned seed) : world_(seed) {
    version_ = world_.pick(2) == 0 ? Version::V2 : Version::V3;
    preempt_ = world_.pick(3) != 0;
    interval_ =
        version_ == Version::V2 ? 1s : std::array<Duration, 3>{10ms, 100ms, 1s}[world_.pick(3)];
    const unsigned count = 2 + world_.pick(4);
    for (unsigned i = 0; i < count; ++i) {
      // few values, so that equal priorities happen
      auto config = World::config(static_cast<int>(i), version_,
                                  100 + 10 * static_cast<int>(world_.pick(4)), interval_);
      config.instances[0].preempt = preempt_;
      config.instances[0].fast_abdication = world_.pick(4) != 0;
      world_.add(std::move(config));
    }
    world_.lan.loss_percent = static_cast<int>(world_.pick(3) == 0 ? world_.pick(30) : 0);
    world_.lan.max_delay = Duration(50 + world_.pick(3000));
  }

  void trouble() {
    for (int i = 0; i < 25; ++i) {
      world_.run_for(interval_ * (1 + world_.pick(40)) / 10);
      fault();
    }
  }

  void heal() {
    world_.lan.loss_percent = 0;
    for (std::size_t i = 0; i < world_.size(); ++i) {
      Machine& machine = world_.node(i);
      machine.port().segment = 0;
      machine.healthy = true;
      world_.resume(machine);
    }
    // those who are stopping have gone by then
    world_.run_for(1200ms);
    for (std::size_t i = 0; i < world_.size(); ++i) {
      world_.start(world_.node(i));
      world_.set_link(world_.node(i), true);
    }
    world_.run_for(4 * (3 * interval_ + 1s) + 1s);
  }

  void expect_one_active() {
    const auto active = world_.active();
    ASSERT_EQ(active.size(), 1U);
    EXPECT_EQ(world_.holders(), active);
    const Machine& winner = world_.node(active[0]);
    for (std::size_t i = 0; preempt_ && i < world_.size(); ++i) {
      EXPECT_LE(priority(world_.node(i)), priority(winner));
    }
  }

  void expect_quiet() {
    std::uint64_t before = sent();
    world_.run_for(10 * interval_);
    const std::uint64_t packets = sent() - before;
    EXPECT_GE(packets, 9U);
    EXPECT_LE(packets, 11U);
    for (std::size_t i = 0; i < world_.size(); ++i) {
      EXPECT_LT(world_.node(i).last_change, world_.now() - 10 * interval_);
    }
  }

  /// No storm: even in trouble a node sends its schedule and a bounded number of answers.
  void expect_no_storm() {
    const auto seconds = std::chrono::duration<double>(world_.now() - Instant(1h)).count();
    for (std::size_t i = 0; i < world_.size(); ++i) {
      EXPECT_LE(static_cast<double>(world_.node(i).packets_sent), 200 * seconds + 100);
    }
  }

  [[nodiscard]] const std::vector<std::string>& trace() const { return world_.trace(); }

 private:
  static int priority(const Machine& machine) { return machine.config.instances[0].priority; }

  std::uint64_t sent() {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < world_.size(); ++i) {
      sum += world_.node(i).packets_sent;
    }
    return sum;
  }

  void fault() {
    Machine& machine = world_.node(world_.pick(static_cast<unsigned>(world_.size())));
    switch (world_.pick(8)) {
      case 0:
        machine.port().segment = static_cast<int>(world_.pick(2));
        return;
      case 1:
        machine.healthy = !machine.healthy;
        return;
      case 2:
        world_.set_link(machine, !machine.port().up);
        return;
      case 3:
        world_.stall(machine);
        return;
      case 4:
        world_.resume(machine);
        return;
      case 5:
        world_.crash(machine);
        return;
      case 6:
        world_.start(machine);
        return;
      default:
        if (machine.daemon && !machine.stalled) {
          world_.stop(machine);
        }
        return;
    }
  }

  World world_;
  Version version_;
  bool preempt_;
  Duration interval_;
};

void run(unsigned seed, bool print_trace) {
  SCOPED_TRACE("HAGUARD_SIM_SEED=" + std::to_string(seed));
  RandomRun run(seed);
  run.trouble();
  run.heal();
  run.expect_one_active();
  run.expect_quiet();
  run.expect_no_storm();
  if (print_trace || testing::Test::HasFailure()) {
    for (const std::string& line : run.trace()) {
      std::cout << line << '\n';
    }
  }
}

TEST(RandomRuns, AHealedLanHasExactlyOneActive) {
  if (const unsigned seed = number_from_environment("HAGUARD_SIM_SEED", 0); seed != 0) {
    run(seed, true);
    return;
  }
  const unsigned runs = number_from_environment("HAGUARD_SIM_RUNS", 3000);
  for (unsigned seed = 1; seed <= runs && !HasFailure(); ++seed) {
    run(seed, false);
  }
}

TEST(RandomRuns, ASeedIsARun) {
  const auto trace = [](unsigned seed) {
    RandomRun run(seed);
    run.trouble();
    run.heal();
    return run.trace();
  };
  EXPECT_EQ(trace(7), trace(7));
  EXPECT_NE(trace(7), trace(8));
}

}  // namespace
}  // namespace haguard::sim
