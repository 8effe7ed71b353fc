#include "proxy-bridge/child.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <sched.h>
#include <sstream>
#include <thread>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>

namespace haguard::proxy {
namespace {

using namespace std::chrono_literals;
using Kind = ChildEnd::Kind;

bool exists(int pid) {
  return ::kill(pid, 0) == 0;  // a zombie exists, too
}

class ChildTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/haguard-child-XXXXXX";
    directory_ = ::mkdtemp(name);
    ::chmod(name, 0777);
  }

  void TearDown() override {
    child_.reset();
    io_.restart();
    io_.run_for(5s);
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "something was left behind";
    EXPECT_EQ(errno, ECHILD);
    std::filesystem::remove_all(directory_);
  }

  void start(Program program) {
    child_.emplace(io_, program, [this](ChildEnd end) { end_ = std::move(end); });
  }

  void shell(const std::string& script) { start({{"/bin/sh", "-c", script}, {kPath}, ""}); }

  bool run_until(const auto& condition) {
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (!condition() && std::chrono::steady_clock::now() < end) {
      io_.restart();
      io_.run_one_for(5ms);
    }
    return condition();
  }

  ChildEnd await_end() {
    EXPECT_TRUE(run_until([this] { return end_.has_value(); }));
    return end_.value_or(ChildEnd{});
  }

  ChildEnd run(const std::string& script) {
    shell(script);
    return await_end();
  }

  std::string path(const std::string& name) const { return directory_ + "/" + name; }

  /// The number that a program has written into that file.
  int pid_in(const std::string& name) {
    int pid = 0;
    EXPECT_TRUE(run_until([&] { return static_cast<bool>(std::ifstream(path(name)) >> pid); }));
    return pid;
  }

  boost::asio::io_context io_;
  std::string directory_;
  std::optional<ChildEnd> end_;
  std::optional<Child> child_;
};

TEST_F(ChildTest, ExitCodesAreTold) {
  const ChildEnd good = run("exit 0");
  EXPECT_TRUE(good.success());
  end_.reset();
  const ChildEnd bad = run("exit 3");
  EXPECT_FALSE(bad.success());
  EXPECT_EQ(bad.kind, Kind::Exited);
  EXPECT_EQ(bad.code, 3);
  EXPECT_EQ(bad.to_string(), "exit 3");
}

TEST_F(ChildTest, SignalsAreTold) {
  const ChildEnd end = run("kill -9 $$");
  EXPECT_EQ(end.kind, Kind::Signalled);
  EXPECT_EQ(end.code, SIGKILL);
  EXPECT_EQ(end.to_string(), "signal 9");
}

TEST_F(ChildTest, TheEndIsNeverToldFromWithinTheStart) {
  start({{"/nonexistent"}, {}, ""});
  EXPECT_FALSE(end_);
  EXPECT_EQ(await_end().to_string(), "cannot run: no such file or directory");
}

TEST_F(ChildTest, AFileThatMayNotBeExecutedIsNotRun) {
  std::ofstream(path("script")) << "#!/bin/sh\n";
  ::chmod(path("script").c_str(), 0644);
  start({{path("script")}, {}, ""});
  EXPECT_EQ(await_end().kind, Kind::NotStarted);
  EXPECT_EQ(end_->reason, "permission denied");
}

TEST_F(ChildTest, AnUnknownUserIsNotRun) {
  start({{"/bin/true"}, {}, "no-such-user"});
  EXPECT_EQ(await_end().to_string(), "cannot run: no user \"no-such-user\"");
}

TEST_F(ChildTest, TheFirstLineOfTheOutputIsTold) {
  EXPECT_EQ(run("echo; echo ' bad \033[2J'; echo more; exit 2").to_string(),
            "exit 2: bad \\x1b[2J");
  EXPECT_EQ(end_->output, "\n bad \033[2J\nmore\n");
}

TEST_F(ChildTest, OutputIsBoundedAndNeverStopsTheProgram) {
  // More than a pipe holds
  const ChildEnd end = run("head -c 1000000 /dev/zero | tr '\\0' x; echo err >&2; exit 4");
  EXPECT_EQ(end.code, 4);
  EXPECT_EQ(end.output, std::string(4096, 'x') + "\n[...]\n");
  EXPECT_LT(end.to_string().size(), 300U);
}

TEST_F(ChildTest, TheEndOfALongOutputIsKeptWhereItIsWanted) {
  Program program{
      {"/bin/sh", "-c", "head -c 1000000 /dev/zero | tr '\\0' x; echo last"}, {kPath}, ""};
  program.output = KeptOutput(3, 5);
  start(program);
  EXPECT_EQ(await_end().output, "xxx\n[...]\nlast\n");
}

TEST_F(ChildTest, ADirectoryAndANiceValueAreTaken) {
  Program program{{"/bin/sh", "-c", "pwd; nice"}, {kPath}, ""};
  program.directory = directory_;
  program.nice = 10;
  start(program);
  EXPECT_EQ(await_end().output, directory_ + "\n10\n");
}

TEST_F(ChildTest, ADirectoryThatIsNotThereIsTold) {
  Program program{{"/bin/true"}, {}, ""};
  program.directory = path("absent");
  start(program);
  EXPECT_EQ(await_end().to_string(),
            "cannot run: cannot enter its directory: no such file or directory");
}

TEST_F(ChildTest, OnlyTheGivenEnvironmentIsThere) {
  ::setenv("NOTIFY_SOCKET", "/run/x", 1);
  start({{"/usr/bin/env"}, {"A=1", "B=two words"}, ""});
  EXPECT_EQ(await_end().output, "A=1\nB=two words\n");
  ::unsetenv("NOTIFY_SOCKET");
}

TEST_F(ChildTest, ArgumentsAreNotReadByAShell) {
  start({{"/bin/echo", "$HOME;", "a  b", "*"}, {}, ""});
  EXPECT_EQ(await_end().output, "$HOME; a  b *\n");
}

TEST_F(ChildTest, NoDescriptorIsInherited) {
  const int leaked = ::open("/dev/null", O_RDONLY);  // without close-on-exec
  ASSERT_EQ(::dup2(leaked, 200), 200);
  // `ls` itself has the directory open as 3.
  start({{"/bin/ls", "/proc/self/fd"}, {}, ""});
  EXPECT_EQ(await_end().output, "0\n1\n2\n3\n");
  ::close(leaked);
  ::close(200);
}

TEST_F(ChildTest, TheKeeperHoldsNothingOfOurs) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  shell("echo $$ > " + path("pid") + "; exec sleep 60");
  pid_in("pid");
  ::close(ends[1]);
  char byte = 0;
  EXPECT_EQ(::read(ends[0], &byte, 1), 0) << "our end is the only one";
  ::close(ends[0]);
}

TEST_F(ChildTest, SignalsUmaskAndDirectoryAreTheUsualOnes) {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  sigset_t some;
  ::sigemptyset(&some);
  ::sigaddset(&some, SIGUSR1);
  ::pthread_sigmask(SIG_BLOCK, &some, nullptr);
  const mode_t mask = ::umask(0077);
  const ChildEnd end = run("sed -n '/^Sig[BIC]/p' /proc/self/status; umask; pwd");
  ::umask(mask);
  ::pthread_sigmask(SIG_UNBLOCK, &some, nullptr);
  std::signal(SIGPIPE, before);
  EXPECT_EQ(end.output,
            "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\nSigCgt:\t0000000000000000\n"
            "0022\n/\n");
}

TEST_F(ChildTest, SchedulingIsNormal) {
  const sched_param priority{.sched_priority = 1};
  ASSERT_EQ(::sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &priority), 0)
      << "this test needs CAP_SYS_NICE";
  const ChildEnd end = run("chrt -p $$ | grep -o SCHED_.*; nice");
  const sched_param normal{};
  ASSERT_EQ(::sched_setscheduler(0, SCHED_OTHER, &normal), 0);
  EXPECT_EQ(end.output.substr(0, 11), "SCHED_OTHER");
  EXPECT_NE(end.output.find("\n0\n"), std::string::npos) << end.output;
}

TEST_F(ChildTest, AnotherUserIsBecomeForGood) {
  start({{"/bin/sh", "-c", "id; grep -E '^(Uid|Gid|Groups|CapEff)' /proc/self/status"},
         {kPath},
         "nobody"});
  const std::string output = await_end().output;
  EXPECT_NE(output.find("uid=65534(nobody) gid=65534(nogroup) groups=65534(nogroup)\n"),
            std::string::npos)
      << output;
  EXPECT_NE(output.find("Uid:\t65534\t65534\t65534\t65534"), std::string::npos) << output;
  EXPECT_NE(output.find("Gid:\t65534\t65534\t65534\t65534"), std::string::npos) << output;
  EXPECT_NE(output.find("CapEff:\t0000000000000000"), std::string::npos) << output;
}

TEST_F(ChildTest, DestroyingKillsAlsoWhoIgnoresTerm) {
  shell("trap '' TERM HUP INT; sleep 60 & echo $! > " + path("grandchild") + "; echo $$ > " +
        path("child") + "; while :; do sleep 1; done");
  const int child = pid_in("child");
  const int grandchild = pid_in("grandchild");
  EXPECT_TRUE(exists(child));
  child_.reset();
  EXPECT_TRUE(run_until([&] { return !exists(child) && !exists(grandchild); }));
  EXPECT_FALSE(end_);
}

/// Twice forked, with a session of its own: nobody's child any more.
std::string daemonize(const std::string& file) {
  return "(setsid sh -c 'sh -c \"echo \\$\\$ > " + file + "; exec sleep 60\" & exit 0' &) ; ";
}

TEST_F(ChildTest, DestroyingKillsWhoHasLeftTheSession) {
  shell(daemonize(path("away")) + "echo $$ > " + path("child") + "; exec sleep 60");
  const int away = pid_in("away");
  const int child = pid_in("child");
  EXPECT_NE(::getsid(away), ::getsid(child));
  child_.reset();
  EXPECT_TRUE(run_until([&] { return !exists(child) && !exists(away); }));
}

TEST_F(ChildTest, NothingSurvivesTheEndOfTheProgram) {
  shell(daemonize(path("away")) + "sleep 60 & echo $! > " + path("background") + "; while [ ! -s " +
        path("away") + " ]; do sleep 0.01; done; exit 5");
  EXPECT_EQ(await_end().code, 5);
  const int away = pid_in("away");
  const int background = pid_in("background");
  EXPECT_TRUE(run_until([&] { return !exists(away) && !exists(background); }));
}

TEST_F(ChildTest, AStoppedProgramIsKilled) {
  shell("echo $$ > " + path("child") + "; kill -STOP $$");
  const int child = pid_in("child");
  child_.reset();
  EXPECT_TRUE(run_until([&] { return !exists(child); }));
}

TEST_F(ChildTest, NothingIsLeftWhenTheDaemonDies) {
  const pid_t daemon = ::fork();
  if (daemon == 0) {
    boost::asio::io_context io;
    Child child(io,
                {{"/bin/sh", "-c",
                  daemonize(path("away")) + "echo $$ > " + path("child") + "; exec sleep 60"},
                 {kPath},
                 ""},
                [](const ChildEnd&) {});
    ::pause();
    ::_exit(0);
  }
  const int away = pid_in("away");
  const int child = pid_in("child");
  ::kill(daemon, SIGKILL);
  EXPECT_TRUE(run_until([&] { return !exists(child) && !exists(away); }));
  EXPECT_EQ(::waitpid(daemon, nullptr, 0), daemon);
  // This process may be the one that inherits the keeper.
  while (::waitpid(-1, nullptr, 0) > 0) {
  }
}

TEST_F(ChildTest, ManyRunAtOnce) {
  int ended = 0;
  std::vector<std::unique_ptr<Child>> children;
  for (int i = 0; i < 50; ++i) {
    children.push_back(std::make_unique<Child>(
        io_, Program{{"/bin/sh", "-c", fmt::format("exit {}", i)}, {kPath}, ""},
        [&ended, i](const ChildEnd& end) {
          EXPECT_EQ(end.code, i);
          ++ended;
        }));
  }
  EXPECT_TRUE(run_until([&] { return ended == 50; }));
}

TEST_F(ChildTest, StartingDoesNotHoldTheLoop) {
  // As much memory as the daemon has, locked like it
  const std::size_t size = 64 << 20;
  void* const memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  const bool locked = ::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
  std::vector<std::chrono::nanoseconds> times;
  for (int i = 0; i < 21; ++i) {
    const auto before = std::chrono::steady_clock::now();
    start({{"/bin/true"}, {}, ""});
    times.push_back(std::chrono::steady_clock::now() - before);
    await_end();
    end_.reset();
  }
  if (locked) {
    ::munlockall();
  }
  ::munmap(memory, size);
  std::ranges::sort(times);
  RecordProperty("median_us", std::to_string(times[10].count() / 1000));
  EXPECT_LT(times[10], 20ms) << "the median";
}

TEST_F(ChildTest, AChildMayBeDestroyedFromItsEnd) {
  bool told = false;
  child_.emplace(io_, Program{{"/bin/true"}, {}, ""}, [&](const ChildEnd&) {
    child_.reset();
    told = true;
  });
  EXPECT_TRUE(run_until([&] { return told; }));
}

}  // namespace
}  // namespace haguard::proxy
