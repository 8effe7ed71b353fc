#include "supervisor/gate.h"

#include <gtest/gtest.h>

namespace haguard::supervisor {
namespace {

using namespace std::chrono_literals;
using proxy::Line;

class GateTest : public testing::Test {
 public:
  GateTest() {
    haproxy.status = proxy::Status::Running;
    haproxy.worker_pid = 11;
  }
  /// What it asks now, and its number; empty: nothing.
  std::string asks(Duration later = {}) {
    now += later;
    Output out;
    gate.tend(&haproxy, now, out);
    hung_up = false;
    std::string command;
    for (const Action& action : out.actions) {
      const auto& what = std::get<proxy::Action>(action);
      hung_up = hung_up || std::holds_alternative<proxy::HangUp>(what);
      if (const auto* ask = std::get_if<proxy::Ask>(&what)) {
        EXPECT_EQ(ask->line, Line::Gate);
        command = ask->command;
        question = ask->question;
      }
    }
    return command;
  }
  void answer(const std::string& text) {
    gate.handle(proxy::Answered{Line::Gate, text, question}, now);
  }

  Gate gate;
  proxy::Condition haproxy;
  Instant now{1h};
  std::uint64_t question = 0;
  bool hung_up = false;
};

constexpr const char* kClose = "disable server haguard_gate/gate";
constexpr const char* kOpen = "enable server haguard_gate/gate";

TEST_F(GateTest, IsLeftAloneUntilSomethingIsWanted) {
  EXPECT_EQ(asks(), "");
  EXPECT_TRUE(gate.idle());
  EXPECT_EQ(gate.next_deadline(), kNever);
}

TEST_F(GateTest, AnEmptyAnswerMeansDone) {
  gate.want(true);
  EXPECT_EQ(asks(), kClose);
  EXPECT_TRUE(gate.asking());
  EXPECT_FALSE(gate.as_wanted());
  answer("\n");
  EXPECT_TRUE(gate.as_wanted());
  EXPECT_EQ(asks(10s), "");
  gate.want(false);
  EXPECT_EQ(asks(), kOpen);
  answer("\n");
  EXPECT_TRUE(gate.as_wanted());
  EXPECT_TRUE(gate.idle());
}

TEST_F(GateTest, ANewWorkerIsTold) {
  gate.want(true);
  asks();
  answer("\n");
  haproxy.worker_pid = 12;
  EXPECT_EQ(asks(), kClose);
  answer("\n");
  gate.want(false);
  asks();
  answer("\n");
  haproxy.worker_pid = 13;  // has it open anyhow
  EXPECT_EQ(asks(), "");
}

TEST_F(GateTest, AConfigurationWithoutAGateIsAskedOnce) {
  gate.want(true);
  asks();
  answer("No such backend.\n\n");
  EXPECT_EQ(gate.flaw(), "No such backend.");
  EXPECT_TRUE(gate.absent());
  EXPECT_EQ(asks(10s), "");
  haproxy.worker_pid = 12;  // it may have one now
  EXPECT_EQ(asks(), kClose);
}

TEST_F(GateTest, SilenceEndsAfterTwoSecondsAndIsTriedAgain) {
  gate.want(true);
  asks();
  EXPECT_EQ(gate.next_deadline(), now + 2s);
  EXPECT_EQ(asks(1999ms), "");
  EXPECT_EQ(asks(1ms), "");
  EXPECT_TRUE(hung_up);
  EXPECT_FALSE(gate.asking());
  EXPECT_EQ(gate.flaw(), "no answer within 2 s");
  EXPECT_EQ(gate.next_deadline(), now + 1s);
  EXPECT_EQ(asks(1s), kClose);
}

TEST_F(GateTest, ARefusalIsTriedAgainASecondLater) {
  gate.want(true);
  asks();
  gate.handle(proxy::Failed{Line::Gate, proxy::Failure::Refused, question}, now);
  EXPECT_EQ(gate.flaw(), "connection refused");
  EXPECT_EQ(asks(999ms), "");
  EXPECT_EQ(asks(1ms), kClose);
}

TEST_F(GateTest, AnswersToOthersAndLateOnesAreIgnored) {
  gate.want(true);
  asks();
  gate.handle(proxy::Answered{Line::Witness, "", question}, now);
  gate.handle(proxy::Answered{Line::Gate, "", question - 1}, now);
  EXPECT_TRUE(gate.asking());
}

TEST_F(GateTest, HaproxyThatIsDeadIsNotAskedAndCostsNoTimer) {
  haproxy.status = proxy::Status::Dead;
  gate.want(true);
  EXPECT_EQ(asks(), "");
  EXPECT_FALSE(gate.as_wanted());
  EXPECT_EQ(gate.next_deadline(), kNever);
  haproxy.status = proxy::Status::Running;
  EXPECT_EQ(asks(), kClose);
}

TEST_F(GateTest, WhoChangesHisMindMeanwhileIsHeard) {
  gate.want(true);
  asks();
  gate.want(false);
  EXPECT_EQ(asks(), "");  // one question at a time
  answer("\n");
  EXPECT_EQ(asks(), kOpen);
}

TEST_F(GateTest, AnAnswerIsCutToOneShortPrintableLine) {
  gate.want(true);
  asks();
  answer("Permission denied\x1b[2J" + std::string(1000, 'x') + "\nmore\n");
  EXPECT_TRUE(gate.flaw().starts_with("Permission denied\\x1b[2J"));
  EXPECT_LE(gate.flaw().size(), 110U);
}

}  // namespace
}  // namespace haguard::supervisor
