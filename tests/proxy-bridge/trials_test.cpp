// What is tried before a reload, and whether the HAProxy of this machine then does what was said.

#include "proxy-bridge/trials.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <tuple>
#include <unistd.h>
#include <variant>

#include <arpa/inet.h>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/proxy-bridge/real_haproxy.h"

namespace haguard::proxy {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

sockaddr_in address_of(const char* host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  ::inet_pton(AF_INET, host, &address.sin_addr);
  return address;
}

bool connects(std::uint16_t port) {
  const sockaddr_in address = address_of("127.0.0.1", port);
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected =
      ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return connected;
}

class TrialsTest : public ::testing::Test {
 protected:
  void TearDown() override {
    if (haproxy_ && haproxy_->master() != 0) {
      haproxy_->stop();  // its ports are free for the next test
    }
  }

  void start(const std::string& global = "") {
    haproxy_.emplace(global);
    if (!more_.empty()) {
      append(more_);
    }
    haproxy_->start();
    // After the start of a worker the master executes itself anew, and does not hear meanwhile.
    ASSERT_TRUE(run_until([this] { return master_answers(); }));
    trials_.emplace(io_, haproxy_->settings(),
                    [this](ReloadEvent event) { events_.push_back(std::move(event)); });
  }

  [[nodiscard]] bool master_answers() const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string& path = haproxy_->settings().master_socket;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char byte = 0;
    const bool answers =
        ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        ::send(socket, "show proc\n", 10, MSG_NOSIGNAL) == 10 && ::read(socket, &byte, 1) == 1;
    ::close(socket);
    return answers;
  }

  void append(const std::string& text) const {
    std::ofstream(haproxy_->directory() + "/haproxy.cfg", std::ios::app) << text;
  }

  bool run_until(const auto& condition) {
    const Instant end = boot_time() + 10s;
    while (!condition() && boot_time() < end) {
      io_.restart();
      io_.run_one_for(10ms);
    }
    return condition();
  }

  BindsTried try_binds() {
    events_.clear();
    trials_->perform(TryBinds{haproxy_->master()});
    EXPECT_TRUE(run_until([this] { return !events_.empty(); }));
    return events_.empty() ? BindsTried{} : std::get<BindsTried>(events_.front());
  }

  /// By a port that only the new worker can have.
  bool reload_brings(std::uint16_t port) {
    haproxy_->reload();
    return run_until([port] { return connects(port); });
  }

  std::string more_;  ///< of the configuration at the start
  boost::asio::io_context io_;
  std::optional<RealHaproxy> haproxy_;
  std::vector<ReloadEvent> events_;
  std::optional<Trials> trials_;
};

TEST_F(TrialsTest, WhatTheRunningWorkerHoldsIsNoObstacle) {
  start();
  append("frontend more\n");
  for (int i = 1; i <= 20; ++i) {
    append(fmt::format("  bind 127.0.0.{}:8090\n", i));
  }
  for (int round = 0; round < 2; ++round) {
    const BindsTried result = try_binds();
    EXPECT_EQ(result.obstacles, Texts{});
    EXPECT_EQ(result.tried, 22U) << "with that of the start and the stats socket";
    EXPECT_EQ(result.unknown, 0U);
    EXPECT_TRUE(reload_brings(8090));
  }
}

TEST_F(TrialsTest, AListenerOfAnotherProgramIsAnObstacle) {
  start();
  append("frontend more\n  bind 127.0.0.1:8091\n");
  const int other = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = address_of("127.0.0.1", 8091);
  const int on = 1;  // there may be closed connections of that port
  ASSERT_EQ(::setsockopt(other, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
  ASSERT_EQ(::bind(other, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(other, 1), 0);
  const Texts obstacles = try_binds().obstacles;
  ASSERT_EQ(obstacles.size(), 1U);
  EXPECT_TRUE(obstacles[0].starts_with("bind 127.0.0.1:8091 (")) << obstacles[0];
  EXPECT_TRUE(obstacles[0].ends_with("): address already in use")) << obstacles[0];
  ::close(other);
  EXPECT_EQ(try_binds().obstacles, Texts{});
  EXPECT_TRUE(reload_brings(8091));
}

TEST_F(TrialsTest, AnAddressThatHasGoneIsHandedOver) {
  std::ignore = std::system("ip address add 192.0.2.30/32 dev lo");
  more_ = "frontend vip\n  bind 192.0.2.30:8092\n";
  start();
  append("frontend more\n  bind 127.0.0.1:8093\n  bind 192.0.2.30:8094\n");
  EXPECT_EQ(try_binds().obstacles, Texts{});
  std::ignore = std::system("ip address delete 192.0.2.30/32 dev lo");
  const Texts obstacles = try_binds().obstacles;
  ASSERT_EQ(obstacles.size(), 1U) << "only where nothing listens";
  EXPECT_TRUE(obstacles[0].starts_with("bind 192.0.2.30:8094 (")) << obstacles[0];
  append("  disabled\nfrontend last\n  bind 127.0.0.1:8093\n");
  EXPECT_EQ(try_binds().obstacles, Texts{});
  EXPECT_TRUE(reload_brings(8093));
}

TEST_F(TrialsTest, WithoutReuseportOnlyHaproxyCanJudge) {
  start("  noreuseport\n");
  append("frontend more\n  bind 127.0.0.1:8094\n");
  const BindsTried result = try_binds();
  EXPECT_EQ(result.obstacles, Texts{});
  EXPECT_EQ(result.unknown, 1U) << "127.0.0.1:8080";
  EXPECT_TRUE(reload_brings(8094));
}

TEST_F(TrialsTest, BothTrialsAreAnswered) {
  start();
  trials_->perform(ValidateConfiguration{haproxy_->master()});
  trials_->perform(TryBinds{haproxy_->master()});
  EXPECT_TRUE(run_until([this] { return events_.size() == 2; }));
  EXPECT_EQ(std::ranges::count_if(events_,
                                  [](const ReloadEvent& event) {
                                    const auto* validated = std::get_if<Validated>(&event);
                                    return validated != nullptr && validated->ok;
                                  }),
            1);
}

TEST_F(TrialsTest, NothingIsSaidAfterACancel) {
  start();
  trials_->perform(ValidateConfiguration{haproxy_->master()});
  trials_->perform(TryBinds{haproxy_->master()});
  trials_->cancel();
  // What is asked for afterwards comes after what was asked for before.
  trials_->perform(TryBinds{haproxy_->master()});
  EXPECT_TRUE(run_until([this] { return !events_.empty(); }));
  ASSERT_EQ(events_.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<BindsTried>(events_[0]));
}

TEST_F(TrialsTest, TheyMayBeDestroyedWhileUnderWay) {
  start();
  trials_->perform(ValidateConfiguration{haproxy_->master()});
  trials_->perform(TryBinds{haproxy_->master()});
  trials_.reset();
  io_.restart();
  io_.run_for(50ms);
  EXPECT_TRUE(events_.empty());
}

}  // namespace
}  // namespace haguard::proxy
