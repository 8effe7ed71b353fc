// When HAProxy is started and how it is stopped, in simulated time.

#include "proxy-bridge/runner.h"

#include <chrono>

#include <gtest/gtest.h>

namespace haguard::proxy {
namespace {

using namespace std::chrono_literals;

/// HAProxy as a pid, a number of starts, and the last signal.
class RunnerTest : public ::testing::Test {
 protected:
  template <typename Call>
  void with(Call&& call) {
    RunOutput out;
    call(out);
    for (const RunNews& news : out.news) {
      log.push_back(news.text);
    }
    refused = refused || out.files_refused;
    for (const RunAction& action : out.actions) {
      if (std::holds_alternative<LookForMaster>(action)) {
        say(MasterFound{running});
      } else if (std::holds_alternative<LaunchMaster>(action)) {
        ++starts;
        running = 100 + starts;
        say(MasterLaunched{*running, ""});
      } else if (const auto* follow = std::get_if<FollowMaster>(&action)) {
        followed = follow->pid;
      } else if (const auto* order = std::get_if<SignalMaster>(&action)) {
        signals.push_back(order->signal);
      }
    }
  }

  void say(const RunEvent& event) {
    with([&](RunOutput& out) { runner.handle(event, now, out); });
  }
  void start() {
    with([&](RunOutput& out) { runner.start(out); });
  }
  void stop() {
    with([&](RunOutput& out) { runner.stop(now, out); });
  }
  void hurry() {
    with([&](RunOutput& out) { runner.hurry(now, out); });
  }
  void end(const std::string& how) {
    running.reset();
    say(MasterEnded{how});
  }
  /// Nothing is due in between.
  void pass(Duration time) {
    now += time;
    with([&](RunOutput& out) { runner.advance(now, out); });
  }
  /// How long it takes until the next start.
  Duration pause() {
    const int before = starts;
    const Instant since = now;
    pass(runner.next_deadline() - now);
    EXPECT_EQ(starts, before + 1);
    return now - since;
  }
  void serve() {
    Condition condition;
    condition.status = Status::Running;
    condition.master_pid = running.value();
    runner.observe(condition);
  }

  Runner runner{20s};
  Instant now{1h};
  std::optional<int> running;
  int starts = 0;
  int followed = 0;
  bool refused = false;
  std::vector<StopSignal> signals;
  std::vector<std::string> log;
};

TEST_F(RunnerTest, StartsOneWhenNoneRuns) {
  start();
  EXPECT_EQ(starts, 1);
  EXPECT_EQ(runner.detail(now), "");
  EXPECT_EQ(runner.next_deadline(), kNever);
}

TEST_F(RunnerTest, AdoptsTheOneThatRuns) {
  running = 42;
  start();
  EXPECT_EQ(starts, 0);
  EXPECT_EQ(followed, 42);
  end("");
  EXPECT_EQ(pause(), 100ms);
}

TEST_F(RunnerTest, StartsAgainAfterEachEndAlsoWithCodeZero) {
  start();
  end("exited with code 0");
  EXPECT_EQ(pause(), 100ms);
  EXPECT_EQ(starts, 2);
}

TEST_F(RunnerTest, ThePauseDoublesUpToTenSeconds) {
  start();
  for (const Duration expected :
       {100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms, 6400ms, 10000ms, 10000ms}) {
    end("exited with code 1");
    EXPECT_EQ(pause(), expected);
  }
}

TEST_F(RunnerTest, ThePauseBeginsAnewAfterTenSecondsOfRunning) {
  start();
  for (int i = 0; i < 5; ++i) {
    end("exited with code 1");
    pause();
  }
  now += 9999ms;
  end("signal 9");
  EXPECT_EQ(pause(), 3200ms);
  now += 10s;
  end("signal 9");
  EXPECT_EQ(pause(), 100ms);
}

TEST_F(RunnerTest, TellsWhyAndWhenItWillBeStarted) {
  start();
  say(MasterPrinted{"[NOTICE]   (101) : New worker (102) forked"});
  say(MasterPrinted{"[ALERT]    (101) : parsing [/h.cfg:3] : unknown keyword 'bogus'"});
  end("exited with code 1");
  EXPECT_EQ(runner.detail(now),
            "exited with code 1: parsing [/h.cfg:3] : unknown keyword 'bogus'; starting again in "
            "0.1 s");
  EXPECT_EQ(log.back(), runner.detail(now));
}

TEST_F(RunnerTest, WhatAnEarlierOneSaidIsNotTheReason) {
  start();
  say(MasterPrinted{"[ALERT]    (101) : parsing [/h.cfg:3] : unknown keyword 'bogus'"});
  end("exited with code 1");
  pause();
  end("signal 9");
  EXPECT_EQ(runner.detail(now), "signal 9; starting again in 0.2 s");
}

TEST_F(RunnerTest, AStartThatTheSystemRefusesIsTriedAgain) {
  with([&](RunOutput& out) {
    RunOutput ignored;
    runner.start(ignored);
    runner.handle(MasterFound{}, now, ignored);
    runner.handle(MasterLaunched{0, "too many processes"}, now, out);
  });
  EXPECT_FALSE(refused);
  EXPECT_EQ(runner.detail(now), "cannot be started: too many processes; starting again in 0.1 s");
  EXPECT_EQ(pause(), 100ms);
}

TEST_F(RunnerTest, AnEndWithinASecondAndWithoutAWorkerIsARefusal) {
  start();
  now += 999ms;
  end("exited with code 1");
  EXPECT_TRUE(refused);
}

TEST_F(RunnerTest, ALaterEndIsNoRefusal) {
  start();
  now += 1s;
  end("exited with code 1");
  EXPECT_FALSE(refused);
}

TEST_F(RunnerTest, WhoHasServedWasNotRefused) {
  start();
  serve();
  now += 10ms;
  end("exited with code 137");
  EXPECT_FALSE(refused);
}

TEST_F(RunnerTest, FilesThatWerePutBackAreTriedAtOnce) {
  start();
  for (int i = 0; i < 6; ++i) {
    end("exited with code 1");
    pause();
  }
  end("exited with code 1");
  runner.files_restored(now);
  EXPECT_EQ(pause(), 0ms);
}

TEST_F(RunnerTest, AStopIsSoftAtFirst) {
  start();
  stop();
  EXPECT_EQ(signals, std::vector{StopSignal::Soft});
  EXPECT_FALSE(runner.stopped());
  end("exited with code 0");
  EXPECT_TRUE(runner.stopped());
  EXPECT_EQ(runner.next_deadline(), kNever);
  EXPECT_EQ(starts, 1);
}

TEST_F(RunnerTest, AStopEndsInAKill) {
  start();
  stop();
  pass(20s - 1us);
  EXPECT_EQ(signals.size(), 1U);
  pass(1us);
  EXPECT_EQ(signals.back(), StopSignal::Term);
  pass(5s);
  EXPECT_EQ(signals.back(), StopSignal::Kill);
  EXPECT_FALSE(runner.stopped());
  pass(1s);
  EXPECT_TRUE(runner.stopped());
  EXPECT_EQ(Runner::longest_stop(20s), 26s);
}

TEST_F(RunnerTest, ASecondOrderShortensTheSoftStop) {
  start();
  stop();
  hurry();
  EXPECT_EQ(signals, (std::vector{StopSignal::Soft, StopSignal::Term}));
  hurry();
  EXPECT_EQ(signals.size(), 2U);
  pass(5s);
  EXPECT_EQ(signals.back(), StopSignal::Kill);
}

TEST_F(RunnerTest, WhoIsInAHurryBeforeGetsNoSoftStop) {
  start();
  hurry();
  EXPECT_TRUE(signals.empty()) << "it still serves";
  stop();
  EXPECT_EQ(signals, std::vector{StopSignal::Term});
}

TEST_F(RunnerTest, AStopDuringThePauseIsOverAtOnce) {
  start();
  end("exited with code 1");
  stop();
  EXPECT_TRUE(runner.stopped());
  EXPECT_EQ(runner.next_deadline(), kNever);
}

TEST_F(RunnerTest, AStopWhileItIsLaunchedIsNotForgotten) {
  RunOutput out;
  runner.start(out);
  runner.handle(MasterFound{}, now, out);
  runner.stop(now, out);
  EXPECT_FALSE(runner.stopped());
  say(MasterLaunched{7, ""});
  EXPECT_EQ(signals, std::vector{StopSignal::Soft});
  end("signal 10");
  EXPECT_TRUE(runner.stopped());
}

TEST_F(RunnerTest, ItsOutputIsLoggedWithABound) {
  start();
  const std::size_t before = log.size();
  for (int i = 0; i < 250; ++i) {
    say(MasterPrinted{"chatter"});
  }
  EXPECT_EQ(log.size(), before + 100);
  now += 1s;
  say(MasterPrinted{"more"});
  EXPECT_EQ(log[before + 100], "150 lines of its output were left out");
  EXPECT_EQ(log.back(), "| more");
}

}  // namespace
}  // namespace haguard::proxy
