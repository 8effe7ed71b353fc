#include "supervisor/hook_queue.h"

#include <gtest/gtest.h>

namespace haguard::supervisor {
namespace {

using vrrp::Cause;
using vrrp::State;

StateChanged to(State state, RouterId router = 0, Cause cause = Cause::Startup,
                const std::string& obstacle = "") {
  return {router, vrrp::Transition{State::Initialize, state, cause, std::nullopt, 0, {}}, 100,
          obstacle};
}

StateChanged active(RouterId router = 0) {
  return to(State::Active, router, Cause::Owner);
}
StateChanged backup(RouterId router = 0) {
  return to(State::Backup, router);
}
StateChanged fault(RouterId router = 0) {
  return to(State::Initialize, router, Cause::Fault, "fault: web");
}
StateChanged stopped(RouterId router = 0) {
  return to(State::Initialize, router, Cause::Stopped, "stopping");
}

/// What runs next, as "router previous>state"; "" for nothing.
std::string next(HookQueue& queue) {
  const auto call = queue.start();
  if (!call) {
    return "";
  }
  return std::to_string(call->router) + " " + std::string(to_string(call->previous)) + ">" +
         std::string(to_string(call->state));
}

TEST(HookQueue, ChangesAreToldInOrder) {
  HookQueue queue;
  EXPECT_TRUE(queue.idle());
  queue.changed(backup(1));
  queue.changed(active(0));
  EXPECT_FALSE(queue.idle());
  EXPECT_EQ(next(queue), "1 stopped>backup");
  queue.finished();
  EXPECT_EQ(next(queue), "0 stopped>active");
  queue.finished();
  EXPECT_EQ(next(queue), "");
  EXPECT_TRUE(queue.idle());
}

TEST(HookQueue, OneRunsAtATime) {
  HookQueue queue;
  queue.changed(backup(0));
  queue.changed(backup(1));
  EXPECT_EQ(next(queue), "0 stopped>backup");
  EXPECT_EQ(next(queue), "");
  EXPECT_FALSE(queue.idle());
  queue.finished();
  EXPECT_EQ(next(queue), "1 stopped>backup");
}

TEST(HookQueue, OnlyTheLatestOfARouterWaitsAndKeepsItsPlace) {
  HookQueue queue;
  queue.changed(backup(0));
  EXPECT_EQ(next(queue), "0 stopped>backup");
  queue.changed(active(0));
  queue.changed(backup(1));
  queue.changed(fault(0));
  queue.finished();
  EXPECT_EQ(next(queue), "0 backup>fault") << "as told, not as it went";
  queue.finished();
  EXPECT_EQ(next(queue), "1 stopped>backup");
  queue.finished();
  EXPECT_TRUE(queue.idle());
}

TEST(HookQueue, AStateThatWasToldLastIsNotToldAgain) {
  HookQueue queue;
  queue.changed(backup());
  EXPECT_EQ(next(queue), "0 stopped>backup");
  queue.changed(active());
  queue.changed(backup());
  queue.finished();
  EXPECT_TRUE(queue.idle());
  queue.changed(backup());
  EXPECT_EQ(next(queue), "");
}

TEST(HookQueue, AFlapDuringARunIsToldByItsEndAlone) {
  HookQueue queue;
  queue.changed(active());
  EXPECT_EQ(next(queue), "0 stopped>active");
  for (int i = 0; i < 1000; ++i) {
    queue.changed(backup());
    queue.changed(active());
  }
  queue.changed(backup());
  queue.finished();
  EXPECT_EQ(next(queue), "0 active>backup");
  queue.finished();
  EXPECT_TRUE(queue.idle());
}

TEST(HookQueue, TheCallSaysWhyAndWithWhichPriority) {
  HookQueue queue;
  queue.changed(fault());
  const auto call = queue.start();
  ASSERT_TRUE(call);
  EXPECT_EQ(call->state, HookState::Fault);
  EXPECT_EQ(call->reason, "fault: web");
  EXPECT_EQ(call->priority, 100);
}

TEST(HookState, AStopIsNoFault) {
  EXPECT_EQ(hook_state(fault().transition), HookState::Fault);
  EXPECT_EQ(hook_state(stopped().transition), HookState::Stopped);
  EXPECT_EQ(hook_state(backup().transition), HookState::Backup);
  EXPECT_EQ(hook_state(active().transition), HookState::Active);
}

/// The name of the list that runs after those changes, each of them told.
std::string_view list_after(const std::vector<StateChanged>& changes) {
  conf::Hooks hooks;
  hooks.on_active = {{"/a"}};
  hooks.on_backup = {{"/b"}};
  hooks.on_fault = {{"/f"}};
  HookQueue queue;
  HookList list;
  for (const StateChanged& change : changes) {
    queue.changed(change);
    const auto call = queue.start();
    list = call ? hook_list(hooks, *call) : HookList{};
    EXPECT_EQ(list.name.empty(), list.commands.empty());
    queue.finished();
  }
  return list.name;
}

TEST(HookList, EachStateHasItsOwn) {
  EXPECT_EQ(list_after({active()}), "on_active");
  EXPECT_EQ(list_after({backup()}), "on_backup");
  EXPECT_EQ(list_after({fault()}), "on_fault");
  EXPECT_EQ(list_after({active(), fault()}), "on_fault");
}

TEST(HookList, AStopIsOnBackupForWhoWasActiveOnly) {
  EXPECT_EQ(list_after({active(), stopped()}), "on_backup");
  EXPECT_EQ(list_after({backup(), stopped()}), "");
  EXPECT_EQ(list_after({fault(), stopped()}), "");
  EXPECT_EQ(list_after({stopped()}), "");
}

TEST(HookList, AStopBeforeTheActiveStateWasToldRunsNothing) {
  HookQueue queue;
  queue.changed(backup(1));
  EXPECT_EQ(next(queue), "1 stopped>backup");
  queue.changed(active(0));
  queue.changed(stopped(0));
  queue.finished();
  EXPECT_TRUE(queue.idle());
}

}  // namespace
}  // namespace haguard::supervisor
