// The monitor against the HAProxy of this machine, on the loopback of a network namespace of its
// own.

#include "tests/proxy-bridge/real_haproxy.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <sched.h>
#include <string>
#include <tuple>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>
#include <sys/prctl.h>

namespace haguard::proxy {
namespace {

using namespace std::chrono_literals;

class OwnNetwork : public testing::Environment {
 public:
  void SetUp() override {
    ASSERT_EQ(::unshare(CLONE_NEWNET), 0) << "needs root";
    ASSERT_EQ(std::system("ip link set lo up"), 0);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // workers that outlive their master are reaped as well
  }
};

[[maybe_unused]] const testing::Environment* const kOwnNetwork =
    testing::AddGlobalTestEnvironment(new OwnNetwork);

/// What a busy machine may add to any time measured here.
constexpr Duration kBusy = 100ms;

class RealHaproxyTest : public testing::Test {
 protected:
  void watch(const std::string& global = "") {
    haproxy_ = std::make_unique<RealHaproxy>(global);
    haproxy_->start();
    monitor_ = std::make_unique<RealMonitor>(haproxy_->settings());
    ASSERT_TRUE(monitor_->run_until(Status::Running, 2s)) << condition().detail;
    ASSERT_TRUE(monitor_->run_until([this] { return condition().master_pid != 0; }, 2s));
    monitor_->run(200ms);
    std::ignore = monitor_->take_history();
    worker_ = condition().worker_pid;
  }

  void TearDown() override {
    if (worker_ != 0 && exists(worker_)) {
      ::kill(worker_, SIGKILL);  // a stopped one would not see its master go
    }
  }

  /// The time from `action` until the status is the one given.
  template <typename Act>
  Duration time_until(Status status, Duration limit, Act action) {
    const Instant begun = boot_time();
    action();
    EXPECT_TRUE(monitor_->run_until(status, limit)) << to_string(condition().status);
    const Duration took = boot_time() - begun;
    std::cout << to_string(status) << " after " << static_cast<double>(took.count()) / 1000
              << " ms: " << condition().detail << "\n";
    return took;
  }

  [[nodiscard]] const Condition& condition() const { return monitor_->condition(); }

  [[nodiscard]] bool always_running() {
    return monitor_->take_history() == std::vector{Status::Running};
  }

  void expect_takeover() {
    EXPECT_TRUE(monitor_->run_until([this] { return condition().worker_pid != worker_; }, 2s));
    EXPECT_TRUE(monitor_->run_until([this] { return !exists(worker_); }, 2s)) << "held alive";
    EXPECT_TRUE(monitor_->run_until([this] { return condition().old_workers == 0; }, 3s));
    EXPECT_TRUE(always_running()) << condition().detail;
    EXPECT_EQ(condition().master_pid, haproxy_->master());
    worker_ = condition().worker_pid;
  }

  std::unique_ptr<RealHaproxy> haproxy_;
  std::unique_ptr<RealMonitor> monitor_;
  int worker_ = 0;
};

TEST_F(RealHaproxyTest, IsRunningWithItsProxies) {
  watch();
  EXPECT_EQ(condition().master_pid, haproxy_->master());
  EXPECT_TRUE(exists(worker_));
  EXPECT_FALSE(condition().version.empty());
  EXPECT_GE(condition().rounds, 2U);
  ASSERT_EQ(condition().proxies.size(), 2U);
  EXPECT_EQ(condition().proxies[0].name, "fe");
  EXPECT_TRUE(condition().proxies[0].frontend);
  EXPECT_EQ(condition().proxies[0].status, "OPEN");
  EXPECT_EQ(condition().proxies[1].name, "be");
  EXPECT_EQ(condition().proxies[1].usable_servers, 1U);
}

TEST_F(RealHaproxyTest, SeesWhatTheOperatorDoesToItsProxies) {
  watch();
  const int operator_shell = haproxy_->connect("disable frontend fe;disable server be/one\n");
  EXPECT_TRUE(monitor_->run_until(
      [this] {
        return condition().proxies[0].status != "OPEN" &&
               condition().proxies[1].usable_servers == 0;
      },
      1s));
  EXPECT_TRUE(always_running());
  ::close(operator_shell);
}

TEST_F(RealHaproxyTest, AKilledWorkerIsDead) {
  watch();
  const Duration took = time_until(Status::Dead, 2s, [this] { ::kill(worker_, SIGKILL); });
  EXPECT_LT(took, 20ms + kBusy);
  // How it ended can be read until its master has reaped it, which may be sooner.
  EXPECT_TRUE(condition().detail.starts_with("worker " + std::to_string(worker_) + " died"))
      << condition().detail;
  monitor_->run(300ms);
  EXPECT_EQ(condition().status, Status::Dead);
}

TEST_F(RealHaproxyTest, AKilledMasterIsDead) {
  watch();
  const Duration took =
      time_until(Status::Dead, 2s, [this] { ::kill(haproxy_->master(), SIGKILL); });
  EXPECT_LT(took, 20ms + kBusy);
  monitor_->run(300ms);
  EXPECT_EQ(condition().detail,
            "master " + std::to_string(haproxy_->master()) + " died (signal 9)");
  EXPECT_EQ(monitor_->take_history(), (std::vector{Status::Running, Status::Dead}));
}

TEST_F(RealHaproxyTest, AStoppedProcessHangsUntilItGoesOn) {
  watch();
  const Duration timeout = haproxy_->settings().hang_timeout;
  const Duration took = time_until(Status::Hung, 3s, [this] { ::kill(worker_, SIGSTOP); });
  EXPECT_GE(took, timeout);
  EXPECT_LT(took, timeout + 150ms + kBusy);
  monitor_->run(500ms);
  EXPECT_EQ(condition().status, Status::Hung);
  EXPECT_LT(time_until(Status::Running, 2s, [this] { ::kill(worker_, SIGCONT); }), kBusy);
  monitor_->run(1s);
  EXPECT_EQ(monitor_->take_history(),
            (std::vector{Status::Running, Status::Hung, Status::Running}));
}

// A connect to a full backlog fails with EAGAIN, which is silence and not a refusal.
TEST_F(RealHaproxyTest, AHangWithAFullBacklogIsAHang) {
  watch();
  ::kill(worker_, SIGSTOP);
  std::vector<int> given_up(11);
  std::ranges::generate(given_up, [this] { return haproxy_->connect(); });
  EXPECT_LT(time_until(Status::Hung, 3s, [] {}), 750ms + kBusy);
  std::ranges::for_each(given_up, ::close);
  time_until(Status::Running, 2s, [this] { ::kill(worker_, SIGCONT); });
}

TEST_F(RealHaproxyTest, AStoppedProcessThatIsKilledIsDead) {
  watch();
  time_until(Status::Hung, 3s, [this] { ::kill(worker_, SIGSTOP); });
  time_until(Status::Dead, 2s, [this] { ::kill(worker_, SIGKILL); });
  // How it ended can be read until its master has reaped it, which may be sooner.
  EXPECT_TRUE(condition().detail.starts_with("worker " + std::to_string(worker_) + " died"))
      << condition().detail;
}

TEST_F(RealHaproxyTest, ASoftStopIsAnOutage) {
  watch();
  ::kill(haproxy_->master(), SIGUSR1);
  EXPECT_TRUE(monitor_->run_until([this] { return condition().status != Status::Running; }, 5s));
  std::ignore = monitor_->take_history();
  monitor_->run(1s);
  const std::vector<Status> history = monitor_->take_history();
  EXPECT_EQ(std::ranges::count(history, Status::Running), 0);
  EXPECT_FALSE(exists(worker_)) << "held alive";
}

// A client keeps the worker alive, so it is seen stopping before it ends.
TEST_F(RealHaproxyTest, ASoftStopWithAClientIsStopping) {
  watch();
  const int client = haproxy_->connect("prompt\n");
  monitor_->run(100ms);
  time_until(Status::Stopping, 1s, [this] { ::kill(haproxy_->master(), SIGUSR1); });
  EXPECT_EQ(condition().detail,
            "worker " + std::to_string(worker_) + " is stopping and has no successor");
  monitor_->run(500ms);
  EXPECT_EQ(condition().status, Status::Stopping);
  time_until(Status::Dead, 2s, [client] { ::close(client); });
  EXPECT_EQ(condition().detail, "worker " + std::to_string(worker_) + " exited with code 0");
}

TEST_F(RealHaproxyTest, AReloadByTheMasterSocketIsNoOutage) {
  watch();
  for (int i = 0; i < 5; ++i) {
    haproxy_->reload();
    expect_takeover();
  }
}

TEST_F(RealHaproxyTest, AReloadBySignalIsNoOutage) {
  watch();
  for (int i = 0; i < 5; ++i) {
    ::kill(haproxy_->master(), SIGUSR2);
    expect_takeover();
  }
}

TEST_F(RealHaproxyTest, AFailedReloadIsNoOutage) {
  watch();
  haproxy_->break_configuration();
  haproxy_->reload();
  monitor_->run(1s);
  EXPECT_TRUE(always_running()) << condition().detail;
  EXPECT_EQ(condition().worker_pid, worker_);
}

TEST_F(RealHaproxyTest, AReloadBehindAStoppedWorkerIsFound) {
  watch();
  time_until(Status::Hung, 3s, [this] { ::kill(worker_, SIGSTOP); });
  haproxy_->reload();
  time_until(Status::Running, 5s, [] {});
  EXPECT_NE(condition().worker_pid, worker_);
}

TEST_F(RealHaproxyTest, ARestartIsAnOutageThatEnds) {
  watch();
  haproxy_->stop();
  EXPECT_TRUE(monitor_->run_until(Status::Dead, 5s));
  haproxy_->start();
  time_until(Status::Running, 1s, [] {});
  EXPECT_NE(condition().worker_pid, worker_);
  EXPECT_TRUE(
      monitor_->run_until([this] { return condition().master_pid == haproxy_->master(); }, 5s));
}

TEST_F(RealHaproxyTest, AStatsTimeoutIsNoOutage) {
  watch("  stats timeout 1s\n");
  monitor_->run(3s);
  EXPECT_TRUE(always_running());
}

// A question every 100 ms keeps the connection busy; one that is idle for longer is closed.
TEST_F(RealHaproxyTest, AStatsTimeoutShorterThanTheAskIntervalIsNoOutage) {
  watch("  stats timeout 50ms\n");
  const auto rounds = condition().rounds;
  monitor_->run(2s);
  EXPECT_TRUE(always_running());
  EXPECT_GE(condition().rounds, rounds + 10);
}

TEST_F(RealHaproxyTest, LeakedStatsClientsAreNoOutage) {
  watch();
  std::vector<int> leaked(10);
  std::ranges::generate(leaked, [this] { return haproxy_->connect("prompt\n"); });
  const auto rounds = condition().rounds;
  monitor_->run(2s);
  EXPECT_TRUE(always_running());
  EXPECT_GE(condition().rounds, rounds + 15);
  std::ranges::for_each(leaked, ::close);
}

TEST_F(RealHaproxyTest, AStoppedMasterIsNoOutage) {
  watch();
  ::kill(haproxy_->master(), SIGSTOP);
  monitor_->run(2s);
  EXPECT_TRUE(always_running());
}

TEST_F(RealHaproxyTest, WithoutMasterSocketThePidFileIsEnough) {
  haproxy_ = std::make_unique<RealHaproxy>();
  haproxy_->start();
  conf::Haproxy settings = haproxy_->settings();
  settings.master_socket = haproxy_->directory() + "/none";
  monitor_ = std::make_unique<RealMonitor>(settings);
  EXPECT_TRUE(
      monitor_->run_until([this] { return condition().master_pid == haproxy_->master(); }, 5s));
  monitor_->run(100ms);
  time_until(Status::Dead, 1s, [this] { ::kill(haproxy_->master(), SIGKILL); });
}

TEST_F(RealHaproxyTest, APidFileOfSomebodyElseIsNotBelieved) {
  haproxy_ = std::make_unique<RealHaproxy>();
  haproxy_->start();
  conf::Haproxy settings = haproxy_->settings();
  settings.master_socket = haproxy_->directory() + "/none";
  settings.pid_file = haproxy_->directory() + "/stale";
  std::ofstream(settings.pid_file) << ::getpid() << "\n";
  monitor_ = std::make_unique<RealMonitor>(settings);
  EXPECT_TRUE(monitor_->run_until(Status::Running, 5s));
  monitor_->run(200ms);
  EXPECT_EQ(condition().master_pid, 0);
}

TEST_F(RealHaproxyTest, SaysWhyThereIsNothing) {
  haproxy_ = std::make_unique<RealHaproxy>();
  const std::string path = haproxy_->settings().admin_socket;
  monitor_ = std::make_unique<RealMonitor>(haproxy_->settings());
  EXPECT_TRUE(monitor_->run_until(Status::Dead, 5s));
  EXPECT_EQ(condition().detail, "not running: " + path + ": no such file");
  haproxy_->start();
  EXPECT_TRUE(monitor_->run_until(Status::Running, 5s));
  haproxy_->stop();  // the file of the socket stays behind
  monitor_ = std::make_unique<RealMonitor>(haproxy_->settings());
  EXPECT_TRUE(monitor_->run_until(Status::Dead, 5s));
  EXPECT_EQ(condition().detail, "not running: " + path + ": connection refused");
}

TEST_F(RealHaproxyTest, ASocketThatMayNotBeOpenedFailsClosed) {
  haproxy_ = std::make_unique<RealHaproxy>();
  haproxy_->start();
  ASSERT_EQ(::seteuid(65534), 0);
  monitor_ = std::make_unique<RealMonitor>(haproxy_->settings());
  const bool dead = monitor_->run_until(Status::Dead, 5s);
  ASSERT_EQ(::seteuid(0), 0);
  EXPECT_TRUE(dead);
  EXPECT_EQ(condition().detail, haproxy_->settings().admin_socket + ": permission denied");
  EXPECT_TRUE(monitor_->run_until(Status::Running, 5s));
}

}  // namespace
}  // namespace haguard::proxy
