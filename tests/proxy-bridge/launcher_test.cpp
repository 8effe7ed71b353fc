// The HAProxy that is installed here, started and followed.

#include "proxy-bridge/launcher.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <memory>
#include <optional>
#include <string_view>
#include <unistd.h>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "proxy-bridge/master_pid.h"
#include "tests/proxy-bridge/scratch_haproxy.h"

namespace haguard::proxy {
namespace {

using namespace std::chrono_literals;

class LauncherTest : public ScratchHaproxy {
 protected:
  LauncherTest() {
    std::signal(SIGCHLD, SIG_DFL);  // other tests leave their children to the kernel
    settings.pid_file = path("haproxy.pid");
    settings.master_socket = path("master.sock");
    settings.binary = "/usr/sbin/haproxy";
    write("haproxy.cfg",
          "global\n daemon\n nbthread 1\ndefaults\n mode http\n timeout client 1s\n timeout server "
          "1s\n"
          " timeout connect 1s\nfrontend web\n bind unix@" +
              path("web.sock") + "\n http-request return status 200\n");
    open();
  }
  ~LauncherTest() override {
    if (pid != 0 && !end) {
      ::kill(pid, SIGKILL);
      run_until([this] { return end.has_value(); });
    }
    launcher.reset();
    io.restart();
    io.run_for(100ms);
    if (pid != 0) {
      EXPECT_EQ(::waitpid(pid, nullptr, WNOHANG), -1) << "a zombie was left behind";
    }
  }

  void open() {
    launcher = std::make_unique<Launcher>(
        io, settings, directory, [this](const RunEvent& event) { hear(event); },
        [](const std::string& warning) { ADD_FAILURE() << warning; });
  }

  void hear(const RunEvent& event) {
    if (const auto* answer = std::get_if<MasterFound>(&event)) {
      looked = true;
      found = answer->pid;
    } else if (const auto* launched = std::get_if<MasterLaunched>(&event)) {
      EXPECT_EQ(launched->error, "");
      pid = launched->pid;
    } else if (const auto* ended = std::get_if<MasterEnded>(&event)) {
      end = ended->how;
    } else if (const auto* printed = std::get_if<MasterPrinted>(&event)) {
      EXPECT_FALSE(end) << "after its end: " << printed->line;
      output += printed->line + "\n";
    }
  }

  template <typename Done>
  bool run_until(Done done) {
    const auto limit = std::chrono::steady_clock::now() + 10s;
    while (!done() && std::chrono::steady_clock::now() < limit) {
      io.restart();
      io.run_one_for(5ms);
    }
    return done();
  }

  void launch() {
    launcher->perform(LaunchMaster{});
    ASSERT_TRUE(run_until([this] { return pid != 0; }));
  }
  /// Its worker is there.
  void launch_well() {
    launch();
    ASSERT_TRUE(run_until([this] { return output.find("Loading success") != std::string::npos; }))
        << output;
    // It executes itself once more now, and loses a signal that comes before it is done.
    ASSERT_TRUE(run_until([this] { return ask_master().find("worker") != std::string::npos; }));
  }
  /// Waits for its answer; empty when it has none yet.
  [[nodiscard]] std::string ask_master() const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path("master.sock").copy(address.sun_path, sizeof address.sun_path - 1);
    const int line = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{10, 0};
    ::setsockopt(line, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    constexpr std::string_view kQuestion = "show proc\n";
    std::string reply;
    if (::connect(line, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        ::send(line, kQuestion.data(), kQuestion.size(), MSG_NOSIGNAL) > 0) {
      reply.resize(4096);
      const ssize_t size = ::recv(line, reply.data(), reply.size(), 0);
      reply.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    }
    ::close(line);
    return reply;
  }
  void await_end() {
    EXPECT_TRUE(run_until([this] { return end.has_value(); })) << output;
  }
  std::optional<int> look() {
    looked = false;
    launcher->perform(LookForMaster{});
    EXPECT_TRUE(run_until([this] { return looked; }));
    return found;
  }

  boost::asio::io_context io;
  std::unique_ptr<Launcher> launcher;
  int pid = 0;
  std::optional<std::string> end;
  std::string output;
  bool looked = false;
  std::optional<int> found;
};

TEST_F(LauncherTest, TheMasterIsOnItsOwn) {
  const int secret = ::open("/dev/full", O_RDONLY);  // NOLINT: not close-on-exec, that is the point
  launch_well();
  EXPECT_EQ(::getsid(pid), pid);
  const std::filesystem::path process = "/proc/" + std::to_string(pid);
  EXPECT_EQ(std::filesystem::read_symlink(process / "cwd"), "/");
  for (const auto& descriptor : std::filesystem::directory_iterator(process / "fd")) {
    std::error_code closed_meanwhile;
    EXPECT_NE(std::filesystem::read_symlink(descriptor, closed_meanwhile), "/dev/full");
  }
  EXPECT_EQ(text_of("haproxy.pid"), std::to_string(pid) + "\n");
  EXPECT_TRUE(exists("master.sock"));
  ::close(secret);
}

TEST_F(LauncherTest, ASoftStopEndsItInOrder) {
  launch_well();
  launcher->perform(SignalMaster{StopSignal::Soft});
  await_end();
  EXPECT_EQ(end, "exited with code 0");
}

TEST_F(LauncherTest, AKillIsToldAsSuch) {
  launch_well();
  launcher->perform(SignalMaster{StopSignal::Kill});
  await_end();
  EXPECT_EQ(end, "signal 9");
}

TEST_F(LauncherTest, WhatItSaysOfARefusedStartComesBeforeItsEnd) {
  write("haproxy.cfg", "global\n bogus\n");
  launch();
  await_end();
  EXPECT_EQ(end, "exited with code 1");
  EXPECT_NE(output.find("unknown keyword 'bogus'"), std::string::npos) << output;
}

TEST_F(LauncherTest, ABinaryThatIsNotThereIsToldInTheSameWay) {
  settings.binary = path("missing");
  open();
  launch();
  await_end();
  EXPECT_EQ(end, "exited with code 127");
  EXPECT_EQ(output, "[ALERT] cannot run " + path("missing") + ": No such file or directory\n");
}

TEST_F(LauncherTest, OneThatRunsIsFoundAndFollowed) {
  EXPECT_EQ(look(), std::nullopt);
  launch_well();
  launcher.reset();
  EXPECT_TRUE(is_running(pid)) << "it outlives whoever has started it";
  open();
  EXPECT_EQ(look(), pid);
  launcher->perform(FollowMaster{pid});
  launcher->perform(SignalMaster{StopSignal::Term});
  await_end();
  EXPECT_EQ(look(), std::nullopt) << "its pid file is still there";
}

TEST_F(LauncherTest, OneWithoutItsSocketIsFoundByItsPidFile) {
  launch_well();
  std::filesystem::remove(path("master.sock"));
  EXPECT_EQ(look(), pid);
}

TEST_F(LauncherTest, AnotherHaproxyInThePidFileIsNotOurs) {
  launch_well();
  settings.master_socket = path("other.sock");
  open();
  EXPECT_EQ(look(), std::nullopt);
  launcher->perform(FollowMaster{pid});
}

TEST_F(LauncherTest, WhoWasFollowedAndIsGoneHasEnded) {
  launcher->perform(FollowMaster{0x3fffff});  // above the largest pid there can be
  await_end();
}

}  // namespace
}  // namespace haguard::proxy
