#include "supervisor/hooks.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <unistd.h>

#include <gtest/gtest.h>

namespace haguard::supervisor {
namespace {

using namespace std::chrono_literals;

class HooksTest : public testing::Test {
 protected:
  HooksTest() {
    char name[] = "/tmp/haguard-hooks-XXXXXX";
    directory_ = ::mkdtemp(name);
    config_.node_name = "proxy-1";
    conf::Instance instance;
    instance.name = "edge";
    instance.interface = "etx2";
    instance.virtual_router_id = 51;
    instance.virtual_addresses = {{vrrp::IpAddress::v4(192, 0, 2, 10), 32, "etx2", ""},
                                  {vrrp::IpAddress::v4(192, 0, 2, 11), 24, "etx2", ""}};
    config_.instances = {instance};
  }
  ~HooksTest() override { std::filesystem::remove_all(directory_); }

  void open() {
    node_.emplace(config_, std::vector<RecordedRouter>{}, Instant{});
    hooks_.emplace(io_, config_, *node_, [this](MessageId id, const std::string& message) {
      (id == MessageId::HookDone ? messages_ : warnings_).push_back(message);
    });
  }

  void tell(vrrp::State state, vrrp::Cause cause = vrrp::Cause::Startup,
            const std::string& obstacle = "") {
    hooks_->tell({0, {vrrp::State::Initialize, state, cause, std::nullopt, 0, {}}, 90, obstacle});
  }

  void run() {
    io_.restart();
    io_.run_for(10s);
    EXPECT_TRUE(hooks_->idle());
  }

  std::string file(const std::string& name) const { return directory_ + "/" + name; }
  std::string content(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(file(name)).rdbuf();
    return text.str();
  }
  static conf::Hooks::Command shell(const std::string& script) { return {"/bin/sh", "-c", script}; }
  conf::Hooks::Command note(const std::string& text) const {
    return shell("echo " + text + " >> " + file("notes"));
  }

  boost::asio::io_context io_;
  std::string directory_;
  conf::Config config_;
  std::optional<Node> node_;
  std::vector<std::string> warnings_;
  std::vector<std::string> messages_;
  std::optional<Hooks> hooks_;
};

TEST_F(HooksTest, CommandsOfAStateRunInOrder) {
  config_.hooks.on_active = {shell("sleep 0.1; echo one >> " + file("notes")), note("two")};
  config_.hooks.on_backup = {note("backup")};
  open();
  tell(vrrp::State::Active, vrrp::Cause::Owner);
  run();
  tell(vrrp::State::Backup);
  run();
  EXPECT_EQ(content("notes"), "one\ntwo\nbackup\n");
  EXPECT_TRUE(warnings_.empty());
  ASSERT_EQ(messages_.size(), 3U);
  EXPECT_EQ(messages_[2].substr(0, 42), "hook /bin/sh on_backup edge/ipv4: done in ");
}

TEST_F(HooksTest, TheEnvironmentSaysWhatHappened) {
  config_.hooks.on_fault = {
      shell("/usr/bin/env | grep -v -e ^PWD= -e ^_= | sort > " + file("env"))};
  open();
  tell(vrrp::State::Initialize, vrrp::Cause::Fault, "fault: web: \033[2J");
  run();
  EXPECT_EQ(content("env"),
            "HAGUARD_ADDRESSES=192.0.2.10/32 192.0.2.11/24\n"
            "HAGUARD_FAMILY=ipv4\n"
            "HAGUARD_INSTANCE=edge\n"
            "HAGUARD_INTERFACE=etx2\n"
            "HAGUARD_NODE=proxy-1\n"
            "HAGUARD_PREVIOUS_STATE=stopped\n"
            "HAGUARD_PRIORITY=90\n"
            "HAGUARD_REASON=fault: web: \\x1b[2J\n"
            "HAGUARD_STATE=fault\n"
            "HAGUARD_VIRTUAL_ROUTER_ID=51\n"
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin\n");
}

TEST_F(HooksTest, AFailureIsAWarningAndTheNextOneRuns) {
  config_.hooks.on_active = {shell("echo no route; exit 3"), {"/nonexistent"}, note("after")};
  open();
  tell(vrrp::State::Active, vrrp::Cause::Owner);
  run();
  EXPECT_EQ(warnings_,
            (std::vector<std::string>{
                "hook /bin/sh on_active edge/ipv4: exit 3: no route",
                "hook /nonexistent on_active edge/ipv4: cannot run: no such file or directory"}));
  EXPECT_EQ(content("notes"), "after\n");
}

TEST_F(HooksTest, OneThatHangsIsKilledAndTheNextOneRuns) {
  config_.hooks.timeout = 200ms;
  config_.hooks.on_active = {shell("trap '' TERM; sleep 60; echo late >> " + file("notes")),
                             note("after")};
  open();
  tell(vrrp::State::Active, vrrp::Cause::Owner);
  run();
  EXPECT_EQ(warnings_,
            std::vector<std::string>{"hook /bin/sh on_active edge/ipv4: killed after 0.2 s"});
  EXPECT_EQ(content("notes"), "after\n");
}

TEST_F(HooksTest, WhatChangesDuringARunIsToldByItsEnd) {
  config_.hooks.on_active = {shell("sleep 0.2; echo active >> " + file("notes"))};
  config_.hooks.on_backup = {note("backup")};
  config_.hooks.on_fault = {note("$HAGUARD_PREVIOUS_STATE-fault")};
  open();
  tell(vrrp::State::Active, vrrp::Cause::Owner);
  io_.run_for(50ms);
  tell(vrrp::State::Backup);
  tell(vrrp::State::Initialize, vrrp::Cause::Fault);
  run();
  EXPECT_EQ(content("notes"), "active\nactive-fault\n");
}

TEST_F(HooksTest, NothingStartsFromWithinTheCall) {
  config_.hooks.on_backup = {note("backup")};
  open();
  tell(vrrp::State::Backup);
  EXPECT_FALSE(hooks_->idle());
  hooks_.reset();
  io_.run_for(1s);
  EXPECT_FALSE(std::filesystem::exists(file("notes")));
}

}  // namespace
}  // namespace haguard::supervisor
