// A node that runs HAProxy itself: what it does with it at its start and at its end.

#include "supervisor/managed.h"

#include <algorithm>
#include <chrono>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "supervisor/node.h"

namespace haguard::supervisor {
namespace {

using namespace std::chrono_literals;
using vrrp::IpAddress;

conf::Config config() {
  conf::Instance instance;
  instance.name = "edge";
  instance.interface = "etx2";
  instance.virtual_router_id = 51;
  instance.virtual_addresses = {{IpAddress::v4(172, 28, 1, 254), 32, "etx2", ""}};
  conf::Config config;
  config.node_name = "proxy-1";
  config.instances = {instance};
  config.haproxy.mode = conf::HaproxyMode::Managed;
  config.haproxy.drain_timeout = 30s;
  return config;
}

class ManagedTest : public testing::Test {
 protected:
  ManagedTest() {
    act([this](Output& out) { node.start(now, out); });
    handle(LinkChanged{"etx2", true, true, {{2, 0, 0, 0, 0, 1}}, IpAddress::v4(172, 28, 1, 1), {}});
    handle(AddressesFound{"etx2", {}});
    handle(proxy::RunEvent(proxy::MasterFound{}));
    handle(proxy::RunEvent(proxy::MasterLaunched{42, ""}));
  }

  template <typename Call>
  void act(Call&& call) {
    Output out;
    call(out);
    for (const Action& action : out.actions) {
      if (const auto* run = std::get_if<proxy::RunAction>(&action)) {
        const auto* order = std::get_if<proxy::SignalMaster>(run);
        launches += std::holds_alternative<proxy::LaunchMaster>(*run) ? 1 : 0;
        if (order != nullptr) {
          EXPECT_FALSE(active()) << "it serves while there are addresses";
          signals.push_back(order->signal);
        }
      }
      exited = exited || std::holds_alternative<Exit>(action);
    }
  }
  void handle(const Event& event) {
    act([&](Output& out) { node.handle(event, now, out); });
  }
  template <typename Done>
  bool advance_until(Done done, Duration limit = 20s) {
    const Instant end = now + limit;
    while (!done() && now < end) {
      now = std::max(now + 1us, node.next_deadline());
      act([this](Output& out) { node.advance(now, out); });
    }
    return done();
  }
  [[nodiscard]] bool active() const {
    return node.routers()[0].state().state == vrrp::State::Active;
  }

  conf::Config settings = config();
  Instant now{1h};
  Node node{settings, {}, now};
  int launches = 0;
  std::vector<proxy::StopSignal> signals;
  bool exited = false;
};

TEST_F(ManagedTest, HaproxyIsStartedWithTheNode) {
  EXPECT_EQ(launches, 1);
}

TEST_F(ManagedTest, StatusTellsTheModeAndWhyItDoesNotRun) {
  handle(proxy::RunEvent(proxy::MasterEnded{"exited with code 1"}));
  const auto haproxy = to_json(node.snapshot(now, {})).at("haproxy");
  EXPECT_EQ(haproxy.at("mode"), "managed");
  EXPECT_EQ(haproxy.at("detail"), "exited with code 1; starting again in 0.1 s");
}

TEST_F(ManagedTest, ItIsStoppedAfterTheHandOverAndTheDaemonWaitsForIt) {
  ASSERT_TRUE(advance_until([this] { return active(); }));
  handle(StopRequested{});
  ASSERT_TRUE(advance_until([this] { return !signals.empty(); }));
  EXPECT_EQ(signals, std::vector{proxy::StopSignal::Soft});
  advance_until([this] { return exited; }, 10s);
  EXPECT_FALSE(exited);
  handle(proxy::RunEvent(proxy::MasterEnded{"exited with code 0"}));
  EXPECT_TRUE(exited);
  EXPECT_EQ(launches, 1);
}

TEST_F(ManagedTest, ASecondOrderShortensTheSoftStop) {
  handle(StopRequested{});
  ASSERT_TRUE(advance_until([this] { return !signals.empty(); }));
  handle(StopRequested{});
  EXPECT_EQ(signals, (std::vector{proxy::StopSignal::Soft, proxy::StopSignal::Term}));
}

TEST_F(ManagedTest, ADeadOneDoesNotHoldTheEndUp) {
  handle(proxy::RunEvent(proxy::MasterEnded{"signal 9"}));
  handle(StopRequested{});
  EXPECT_TRUE(advance_until([this] { return exited; }));
  EXPECT_TRUE(signals.empty());
}

}  // namespace
}  // namespace haguard::supervisor
