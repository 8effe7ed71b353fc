// The course of a drain around the gate and the connections; what becomes of the addresses on a LAN
// is in tests/sim/drain_test.cpp.
#include "supervisor/drain.h"

#include <gtest/gtest.h>

namespace haguard::supervisor {
namespace {

using namespace std::chrono_literals;

class DrainTest : public testing::Test {
 public:
  DrainTest() {
    haproxy.status = proxy::Status::Running;
    haproxy.worker_pid = 11;
    scene.haproxy = &haproxy;
    scene.routers = {{"edge/ipv4", true, false, {}}};
    connections(40);
  }
  void connections(unsigned count) {
    ++haproxy.rounds;
    haproxy.proxies = {
        {.name = "web", .frontend = true, .status = "OPEN", .current_sessions = count},
        {.name = "be", .frontend = false, .status = "UP", .current_sessions = 7}};
  }
  bool advance(Duration later = {}) {
    now += later;
    out = {};
    return drain.advance(scene, now, out);
  }
  void ask(DrainRequested request = {1, std::nullopt, false}) {
    out = {};
    drain.request(request, now, out);
  }
  void answer(const std::string& text = "\n") {
    drain.haproxy(proxy::Answered{proxy::Line::Gate, text, ++questions}, now);
  }
  /// Up to the hand-over, with `left` connections after 100 ms.
  void wait_for(unsigned left) {
    ask();
    advance();
    answer();
    advance();
    connections(left);
    advance(100ms);
  }
  void taken_over() {
    scene.routers[0].active = false;
    scene.routers[0].successor = vrrp::IpAddress::v4(172, 28, 1, 3);
  }
  [[nodiscard]] std::vector<RequestDone> done() const {
    std::vector<RequestDone> found;
    for (const Notice& notice : out.notices) {
      if (const auto* request = std::get_if<RequestDone>(&notice)) {
        found.push_back(*request);
      }
    }
    return found;
  }
  [[nodiscard]] std::vector<Mode> saved() const {
    std::vector<Mode> found;
    for (const Action& action : out.actions) {
      if (const auto* save = std::get_if<SaveMode>(&action)) {
        found.push_back(save->mode);
      }
    }
    return found;
  }

  Drain::Scene scene;
  proxy::Condition haproxy;
  Instant now{1h};
  Drain drain{10s, {}, Instant{1h}};
  Output out;
  std::uint64_t questions = 0;
};

TEST_F(DrainTest, ClosesTheGateWaitsAndHandsOver) {
  ask();
  EXPECT_EQ(drain.mode(), Mode::Draining);
  EXPECT_EQ(saved(), std::vector{Mode::Draining});
  advance();
  answer();
  EXPECT_FALSE(advance(1ms));
  EXPECT_EQ(drain.order(), Order::Serve);
  connections(12);
  EXPECT_FALSE(advance(1s));
  connections(0);
  EXPECT_TRUE(advance(1s));
  EXPECT_EQ(saved(), std::vector{Mode::Drained}) << "before anything is given up";
  EXPECT_EQ(drain.order(), Order::HandOver);
  EXPECT_TRUE(drain.take_offer());
  EXPECT_FALSE(drain.take_offer());
  scene.routers[0].leaving = true;
  EXPECT_FALSE(advance());
  scene.routers[0].leaving = false;
  taken_over();
  EXPECT_TRUE(advance(7ms));
  EXPECT_EQ(drain.order(), Order::StayOut);
  EXPECT_EQ(drain.mode(), Mode::Drained);
  ASSERT_EQ(done().size(), 1U);
  EXPECT_TRUE(done()[0].ok);
  const auto steps = done()[0].steps;
  ASSERT_EQ(steps.size(), 3U);
  EXPECT_EQ(steps[0].detail, "closed");
  EXPECT_EQ(steps[0].took, 1ms);
  EXPECT_EQ(steps[1].detail, "0 of 40 connections left");
  EXPECT_EQ(steps[1].took, 2s);
  EXPECT_EQ(steps[2].detail, "edge/ipv4 to 172.28.1.3");
  EXPECT_EQ(steps[2].took, 7ms);
}

TEST_F(DrainTest, ACountFromBeforeTheGateProvesNothing) {
  connections(0);
  ask();
  advance();
  answer();
  EXPECT_FALSE(advance());
  connections(0);
  EXPECT_TRUE(advance());
}

TEST_F(DrainTest, ConnectionsThatNoLongerBecomeFewerAreNotWaitedFor) {
  wait_for(12);
  EXPECT_EQ(drain.next_deadline(), now + 2s);
  connections(14);  // up is no new minimum
  EXPECT_FALSE(advance(1999ms));
  EXPECT_TRUE(advance(1ms));
}

TEST_F(DrainTest, TheTimeoutIsTheEnd) {
  ask({1, 1500ms, false});
  advance();
  answer();
  advance();
  for (unsigned left = 39; left > 36; --left) {
    connections(left);
    EXPECT_FALSE(advance(400ms));
  }
  EXPECT_EQ(drain.next_deadline(), now + 300ms);
  connections(36);
  EXPECT_TRUE(advance(300ms));
}

TEST_F(DrainTest, WithoutAGateNobodyIsWaitedFor) {
  ask();
  advance();
  answer("No such backend.\n");
  EXPECT_TRUE(advance());
  taken_over();
  advance();
  ASSERT_EQ(done().size(), 1U);
  EXPECT_EQ(done()[0].steps.at(0).detail, "there is none (No such backend.)");
  EXPECT_TRUE(done()[0].steps.at(0).ok);
  EXPECT_EQ(done()[0].steps.at(1).name, "hand over");
}

TEST_F(DrainTest, AGateThatHangsIsBoundedAndTold) {
  ask();
  advance();
  EXPECT_FALSE(advance(1999ms));
  EXPECT_TRUE(advance(1ms));
  taken_over();
  advance();
  EXPECT_EQ(done().at(0).steps.at(0).detail, "no answer within 2 s");
  EXPECT_FALSE(done().at(0).steps.at(0).ok);
  EXPECT_TRUE(done().at(0).ok);
}

TEST_F(DrainTest, WithoutHaproxyThereIsNeitherGateNorWait) {
  scene.haproxy = nullptr;
  ask();
  EXPECT_TRUE(advance());
  EXPECT_EQ(drain.order(), Order::HandOver);
}

TEST_F(DrainTest, HaproxyThatDiesEndsTheWait) {
  wait_for(12);
  haproxy.status = proxy::Status::Dead;
  EXPECT_TRUE(advance(1ms));
}

TEST_F(DrainTest, WithoutASuccessorTheGateIsOpenedAgainAndTheRequestFails) {
  wait_for(0);
  EXPECT_TRUE(drain.take_offer());
  scene.routers[0].leaving = true;
  advance();
  scene.routers[0].leaving = false;
  EXPECT_TRUE(advance(110ms));
  EXPECT_EQ(drain.order(), Order::Serve);
  EXPECT_EQ(saved(), std::vector{Mode::Normal});
  EXPECT_TRUE(done().empty()) << "the gate is still closed";
  answer();
  advance();
  ASSERT_EQ(done().size(), 1U);
  EXPECT_FALSE(done()[0].ok);
  EXPECT_EQ(done()[0].detail, "nobody took over within 0.110 s: still Active (edge/ipv4)");
  EXPECT_FALSE(done()[0].steps.at(2).ok);
  EXPECT_EQ(done()[0].steps.at(3).detail, "open");
  EXPECT_TRUE(drain.idle());
}

TEST_F(DrainTest, ForcedItStaysOutAtOnce) {
  ask({1, std::nullopt, true});
  advance();
  answer();
  advance();
  connections(0);
  EXPECT_TRUE(advance());
  EXPECT_EQ(drain.order(), Order::StayOut);
  EXPECT_FALSE(drain.take_offer());
  scene.routers[0] = {"edge/ipv4", false, true, {}};
  EXPECT_FALSE(advance());
  scene.routers[0].leaving = false;
  advance();
  EXPECT_EQ(done().at(0).steps.at(2).detail, "edge/ipv4 to nobody");
  EXPECT_TRUE(done().at(0).ok);
}

TEST_F(DrainTest, ASecondRequestJoinsTheFirst) {
  wait_for(12);
  ask({2, std::nullopt, false});
  EXPECT_TRUE(done().empty());
  connections(0);
  advance();
  taken_over();
  advance();
  ASSERT_EQ(done().size(), 2U);
  EXPECT_EQ(done()[1].request, 2U);
  EXPECT_TRUE(done()[1].ok);
}

TEST_F(DrainTest, UndrainBeforeTheHandOverCancels) {
  wait_for(12);
  out = {};
  drain.request(UndrainRequested{2}, now, out);
  ASSERT_EQ(done().size(), 1U);
  EXPECT_EQ(done()[0].detail, "cancelled by undrain");
  EXPECT_FALSE(done()[0].ok);
  EXPECT_EQ(saved(), std::vector{Mode::Normal});
  advance();
  answer();
  advance();
  EXPECT_EQ(done().at(0).request, 2U);
  EXPECT_TRUE(done().at(0).ok);
  EXPECT_EQ(drain.order(), Order::Serve);
}

TEST_F(DrainTest, UndrainThatCannotOpenTheGateFails) {
  wait_for(0);
  taken_over();
  advance();
  drain.request(UndrainRequested{2}, now, out);
  advance();
  advance(2s);
  EXPECT_FALSE(done().at(0).ok);
  EXPECT_EQ(done().at(0).detail,
            "takes part in the election again; the gate is still closed (no answer within 2 s)");
  EXPECT_EQ(drain.order(), Order::Serve);
  EXPECT_FALSE(drain.idle()) << "it is tried again";
  EXPECT_EQ(drain.next_deadline(), now + 1s);
  advance(1s);
  EXPECT_FALSE(drain.idle()) << "an answer is outstanding";
  questions += 1;  // the one that was never answered
  answer();
  advance();
  EXPECT_TRUE(drain.idle());
}

TEST_F(DrainTest, UndrainOfANodeThatIsNotDrainedIsDone) {
  drain.request(UndrainRequested{1}, now, out);
  EXPECT_TRUE(done().at(0).ok);
  EXPECT_EQ(done().at(0).detail, "not drained");
}

TEST_F(DrainTest, AStopEndsTheRequest) {
  wait_for(12);
  out = {};
  drain.stop(out);
  EXPECT_EQ(done().at(0).detail, "the daemon is told to stop");
}

TEST_F(DrainTest, ADaemonThatFindsItselfDrainedStaysOutAndClosesTheGate) {
  Drain later(10s, {Mode::Drained, 5min}, now);
  EXPECT_EQ(later.order(), Order::StayOut);
  EXPECT_EQ(later.since(), now - 5min);
  later.start(out);
  later.advance(scene, now, out);
  ASSERT_EQ(out.actions.size(), 1U);
  EXPECT_EQ(std::get<proxy::Ask>(std::get<proxy::Action>(out.actions[0])).command,
            "disable server haguard_gate/gate");
}

TEST_F(DrainTest, ADaemonWhosePredecessorGotNoFurtherThanTheGateOpensIt) {
  Drain later(10s, {Mode::Draining, 1s}, now);
  EXPECT_EQ(later.order(), Order::Serve);
  EXPECT_EQ(later.mode(), Mode::Normal);
  later.start(out);
  EXPECT_EQ(saved(), std::vector{Mode::Normal});
  haproxy.status = proxy::Status::Unknown;  // not asked yet
  later.advance(scene, now, out);
  haproxy.status = proxy::Status::Running;
  EXPECT_FALSE(later.idle());
  out = {};
  later.advance(scene, now, out);
  ASSERT_EQ(out.actions.size(), 1U);
  EXPECT_EQ(std::get<proxy::Ask>(std::get<proxy::Action>(out.actions[0])).command,
            "enable server haguard_gate/gate");
}

}  // namespace
}  // namespace haguard::supervisor
