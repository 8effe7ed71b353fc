// The wording of the log is a contract with those who read and grep it.
#include "supervisor/messages.h"

#include <gtest/gtest.h>

namespace haguard::supervisor {
namespace {

using namespace std::chrono_literals;
using conf::LogLevel;
using vrrp::Cause;
using vrrp::IpAddress;
using vrrp::State;

const Names kNames{{{0, "edge/ipv4"}}, {{0, "haproxy"}, {1, "web"}}};
const IpAddress kPeer = IpAddress::v4(172, 28, 1, 2);

StateChanged change(State from, State to, Cause cause, int peer_priority = 0,
                    Duration silence = 0s) {
  return {0, {from, to, cause, kPeer, peer_priority, silence}, 90, "fault: web: refused"};
}

std::string text(const Notice& notice) {
  const auto found = message(notice, kNames);
  return found ? found->text : "";
}

TEST(Messages, AStateChangeSaysWhy) {
  EXPECT_EQ(text(change(State::Initialize, State::Backup, Cause::Startup)),
            "edge/ipv4: initialize -> backup (ready, priority 90)");
  EXPECT_EQ(text(change(State::Backup, State::Active, Cause::DownTimer, 0, 3609375us)),
            "edge/ipv4: backup -> active (no advertisement from 172.28.1.2 for 3.609 s)");
  EXPECT_EQ(text(change(State::Backup, State::Active, Cause::Resigned)),
            "edge/ipv4: backup -> active (172.28.1.2 resigned)");
  EXPECT_EQ(text(change(State::Backup, State::Active, Cause::Preempted, 80)),
            "edge/ipv4: backup -> active (172.28.1.2 advertises priority 80, ours 90)");
  EXPECT_EQ(text(change(State::Active, State::Backup, Cause::HigherPriority, 100)),
            "edge/ipv4: active -> backup (172.28.1.2 advertises priority 100, ours 90)");
  EXPECT_EQ(text(change(State::Active, State::Backup, Cause::HigherAddress, 90)),
            "edge/ipv4: active -> backup (172.28.1.2 advertises our priority 90 and has the higher "
            "address)");
  EXPECT_EQ(text(change(State::Active, State::Initialize, Cause::Fault)),
            "edge/ipv4: active -> initialize (fault: web: refused)");
}

TEST(Messages, ASilenceWithoutAPeerNamesNone) {
  StateChanged alone = change(State::Backup, State::Active, Cause::DownTimer, 0, 3s);
  alone.transition.peer.reset();
  EXPECT_EQ(text(alone), "edge/ipv4: backup -> active (no advertisement for 3.000 s)");
}

TEST(Messages, AFaultIsAWarning) {
  EXPECT_EQ(message(change(State::Active, State::Initialize, Cause::Fault), kNames)->level,
            LogLevel::Warning);
  EXPECT_EQ(message(change(State::Backup, State::Active, Cause::DownTimer), kNames)->level,
            LogLevel::Info);
}

TEST(Messages, TheReasonOfATakeOverNamesTheTimer) {
  EXPECT_EQ(reason(change(State::Backup, State::Active, Cause::DownTimer, 0, 3609375us)),
            "down timer expired: no advertisement from 172.28.1.2 for 3.609 s");
  EXPECT_EQ(reason(change(State::Active, State::Initialize, Cause::Fault)), "fault: web: refused");
}

TEST(Messages, APriorityIsASumWithReasons) {
  const auto failing = health::assess(
      100, {{"web", -50, health::Status::Failing, ""}, {"db", -5, health::Status::Failing, ""}});
  EXPECT_EQ(text(PriorityChanged{0, 100, failing}),
            "edge/ipv4: priority 100 -> 45 (web -50, db -5)");
  EXPECT_EQ(text(PriorityChanged{0, 45, health::assess(100, {})}),
            "edge/ipv4: priority 45 -> 100 (as configured)");
}

TEST(Messages, ACheckSaysHowSureItIs) {
  using enum health::Status;
  EXPECT_EQ(text(CheckChanged{1, Passing, Failing, 3, 3, "connect 127.0.0.1:8080: refused"}),
            "check web: passing -> failing (3 of 3: connect 127.0.0.1:8080: refused)");
  EXPECT_EQ(text(CheckChanged{1, Failing, Passing, 2, 2, ""}),
            "check web: failing -> passing (2 of 2)");
  EXPECT_EQ(text(CheckChanged{0, Passing, Failing, 0, 0, "worker 11 died (signal 9)"}),
            "check haproxy: passing -> failing (worker 11 died (signal 9))");
}

TEST(Messages, HaproxyIsNamedWithItsProcesses) {
  proxy::Condition now;
  now.status = proxy::Status::Running;
  now.version = "2.6.12";
  now.master_pid = 10;
  now.worker_pid = 11;
  EXPECT_EQ(text(HaproxyChanged{proxy::Status::Unknown, 0, now}),
            "haproxy: unknown -> running (version 2.6.12, worker 11)");
  EXPECT_EQ(text(HaproxyChanged{proxy::Status::Running, 9, now}), "haproxy: worker 9 -> 11");
  now.status = proxy::Status::Hung;
  now.detail = "no answer on the stats socket for 600 ms (worker 11)";
  EXPECT_EQ(text(HaproxyChanged{proxy::Status::Running, 11, now}),
            "haproxy: running -> hung (no answer on the stats socket for 600 ms (worker 11))");
}

TEST(Messages, AHandOverEndsWithASuccessorOrAWarning) {
  EXPECT_EQ(text(HandedOver{0, kPeer, 7ms}),
            "edge/ipv4: addresses removed, 172.28.1.2 took over after 0.007 s");
  EXPECT_EQ(text(HandedOver{0, {}, 110ms}),
            "edge/ipv4: addresses removed, nobody took over within 0.110 s");
  EXPECT_EQ(message(HandedOver{0, {}, 110ms}, kNames)->level, LogLevel::Warning);
}

TEST(Messages, OnlyTheFirstRejectionOfAKindIsTold) {
  EXPECT_EQ(text(PacketRejected{0, vrrp::Reject::AuthPassword, kPeer, true}),
            "edge/ipv4: packet from 172.28.1.2 with our VRID rejected: auth_password");
  EXPECT_EQ(text(PacketRejected{0, vrrp::Reject::AuthPassword, kPeer, false}), "");
  EXPECT_EQ(text(PacketRejected{{}, vrrp::Reject::UnknownVrid, kPeer, true}), "");
}

TEST(Messages, ADrainTellsHowFarItHasCome) {
  EXPECT_EQ(text(DrainChanged{Mode::Draining, "gate closed, 40 connections"}),
            "drain: gate closed, 40 connections");
  EXPECT_EQ(message(DrainChanged{Mode::Drained, "drained"}, kNames)->level, LogLevel::Info);
  EXPECT_EQ(message(DrainChanged{Mode::Normal, "nobody took over", true}, kNames)->level,
            LogLevel::Warning);
}

TEST(Messages, LinksAndTheKernel) {
  EXPECT_EQ(text(LinkNoted{"etx2", true, true}), "interface etx2: running");
  EXPECT_EQ(text(LinkNoted{"etx2", true, false}), "interface etx2: down");
  EXPECT_EQ(text(LinkNoted{"etx2", false, false}), "interface etx2: missing");
  EXPECT_EQ(text(AddressesRefused{0, "operation not permitted"}),
            "edge/ipv4: the kernel refused the addresses: operation not permitted");
}

}  // namespace
}  // namespace haguard::supervisor
