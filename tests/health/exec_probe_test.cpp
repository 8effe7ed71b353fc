#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "health/running_probe.h"

namespace haguard::health {
namespace {

using namespace std::chrono_literals;

class ExecProbeTest : public testing::Test {
 protected:
  void start(std::vector<std::string> command, const std::string& user = "") {
    conf::Check check;
    check.type = conf::CheckType::Exec;
    check.command = std::move(command);
    check.user = user;
    probe_ = start_exec_probe(io_, check,
                              [this](Outcome outcome) { outcomes_.push_back(std::move(outcome)); });
  }

  /// Until nothing of it is left.
  Outcome outcome() {
    EXPECT_TRUE(outcomes_.empty()) << "never from within the start";
    io_.run_for(10s);
    EXPECT_EQ(outcomes_.size(), 1U);
    return outcomes_.empty() ? Outcome{} : outcomes_.front();
  }

  boost::asio::io_context io_;
  std::vector<Outcome> outcomes_;
  std::unique_ptr<RunningProbe> probe_;
};

TEST_F(ExecProbeTest, PassesWithExitCodeZero) {
  start({"/bin/sh", "-c", "echo fine"});
  const Outcome result = outcome();
  EXPECT_TRUE(result.passed);
  EXPECT_EQ(result.detail, "");
}

TEST_F(ExecProbeTest, FailsWithTheCodeAndTheFirstLine) {
  start({"/bin/sh", "-c", "echo no route to db >&2; echo more; exit 2"});
  const Outcome result = outcome();
  EXPECT_FALSE(result.passed);
  EXPECT_EQ(result.detail, "exit 2: no route to db");
}

TEST_F(ExecProbeTest, FailsWhenASignalEndedIt) {
  start({"/bin/sh", "-c", "kill -KILL $$"});
  EXPECT_EQ(outcome().detail, "signal 9");
}

TEST_F(ExecProbeTest, AProgramThatVanishedFails) {
  start({"/nonexistent/check"});
  const Outcome result = outcome();
  EXPECT_FALSE(result.passed);
  EXPECT_EQ(result.detail, "cannot run: no such file or directory");
}

TEST_F(ExecProbeTest, AProgramThatMayNotBeRunByItsUserFails) {
  char name[] = "/tmp/haguard-exec-XXXXXX";
  const int file = ::mkstemp(name);
  ::fchmod(file, 0700);
  ::close(file);
  start({name}, "nobody");
  const Outcome result = outcome();
  EXPECT_FALSE(result.passed);
  EXPECT_EQ(result.detail, "cannot run: permission denied");
  std::filesystem::remove(name);
}

TEST_F(ExecProbeTest, ItsEnvironmentIsThePathAlone) {
  start({"/bin/sh", "-c", "/usr/bin/env | grep -v -e ^PWD= -e ^_=; exit 1"});
  EXPECT_EQ(outcome().detail, "exit 1: PATH=/usr/sbin:/usr/bin:/sbin:/bin");
}

TEST_F(ExecProbeTest, TellsNothingWhenCancelled) {
  start({"/bin/sh", "-c", "trap '' TERM; sleep 60"});
  io_.run_for(100ms);
  probe_.reset();
  const auto before = std::chrono::steady_clock::now();
  io_.restart();
  io_.run_for(10s);  // ends as soon as everything is reaped
  EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
  EXPECT_TRUE(outcomes_.empty());
}

}  // namespace
}  // namespace haguard::health
