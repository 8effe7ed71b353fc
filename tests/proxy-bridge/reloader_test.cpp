// Expected values: HAProxy's management guide (9.4.1) and what versions 2.6 to 3.4 were seen to do.

#include <gtest/gtest.h>

#include "reloader_world.h"

namespace haguard::proxy {
namespace {

class ReloaderTest : public testing::Test {
 protected:
  void start(conf::Reload settings = {}) {
    world_.emplace(settings);
    world_->start();
    world_->actions.clear();
  }
  ReloaderWorld& world() { return *world_; }
  const ReloadRecord& last() { return world_->over.back().record; }

  std::optional<ReloaderWorld> world_;
};

TEST_F(ReloaderTest, EachStepComesAfterTheOneBefore) {
  start();
  EXPECT_EQ(world().request(), std::nullopt);
  EXPECT_EQ(world().count<StageFiles>(), 1U);
  EXPECT_EQ(world().count<ValidateConfiguration>(), 0U);
  world().say(FilesStaged{world().survey(), WallClock{2000s}, ""});
  EXPECT_EQ(world().count<ValidateConfiguration>(), 1U);
  EXPECT_EQ(world().count<TryBinds>(), 0U);
  world().say(Validated{true, "", ""});
  EXPECT_EQ(world().count<TryBinds>(), 1U);
  EXPECT_EQ(world().count<WriteJournal>(), 0U);
  world().say(BindsTried{{}, 2, 0});
  EXPECT_EQ(world().count<WriteJournal>(), 1U);
  EXPECT_EQ(world().orders(), 0U) << "not before a later daemon could know of it";
  world().say(JournalWritten{});
  EXPECT_EQ(world().orders(), 1U);
  world().fail(Failure::Closed);
  EXPECT_TRUE(world().over.empty());
  world().take_over(12, 1);
  EXPECT_TRUE(world().over.empty()) << "the listener has not answered yet";
  world().condition.knock_answered = true;
  world().look();
  ASSERT_EQ(world().over.size(), 1U);
  EXPECT_EQ(last().result, Result::Ok);
  EXPECT_EQ(last().detail, "worker 11 -> 12");
  std::vector<std::string> steps;
  for (const Step& step : last().steps) {
    steps.push_back(step.name);
  }
  EXPECT_EQ(steps, (std::vector<std::string>{"collect", "validate", "bind", "note", "reload",
                                             "prove", "listener"}));
}

TEST_F(ReloaderTest, AWorkerThatIsOnlyListedProvesNothing) {
  start();
  world().request();
  world().up_to_the_order();
  world().fail(Failure::Closed);
  world().tell_processes(1, {12});  // 3.1 and later list it while it loads
  world().look();
  EXPECT_TRUE(world().over.empty());
}

TEST_F(ReloaderTest, AnOlderListProvesNothing) {
  start();
  world().request();
  world().up_to_the_order();
  world().condition.worker_pid = 12;  // a worker speaks, the master was not heard since the order
  world().answer("Success=1\n--\n");
  EXPECT_TRUE(world().over.empty());
}

TEST_F(ReloaderTest, WithoutAListenerTheStatsSocketIsProofEnough) {
  start();
  world().listener = false;
  world().request();
  world().up_to_the_order();
  world().answer("Success=1\n--\n");
  world().take_over(12, 1);
  ASSERT_EQ(world().over.size(), 1U);
  EXPECT_EQ(last().result, Result::Ok);
}

TEST_F(ReloaderTest, ASilentListenerIsAFailure) {
  start();
  world().request();
  world().up_to_the_order();
  world().fail(Failure::Closed);
  world().take_over(12, 1);
  world().condition.knock_answered = false;
  world().look();
  ASSERT_EQ(world().over.size(), 1U);
  EXPECT_EQ(last().result, Result::Failed);
}

TEST_F(ReloaderTest, AWorkerThatHungBeforeKeepsItsListeners) {
  start();
  world().request();
  world().condition.status = Status::Hung;
  world().up_to_the_order();
  world().fail(Failure::Closed);
  world().condition.status = Status::Running;
  world().take_over(12, 1);
  world().condition.knock_answered = true;
  world().look();
  ASSERT_EQ(world().over.size(), 1U);
  EXPECT_EQ(last().detail,
            "worker 11 -> 12; worker 11 hung before and may still take connections, end it with "
            "`kill -KILL 11`");
}

TEST_F(ReloaderTest, AFrontendThatWasOpenMustBeOpenAgain) {
  start();
  world().request();
  world().up_to_the_order();
  world().fail(Failure::Closed);
  world().condition.proxies[0].status = "STOP";
  world().take_over(12, 1);
  world().condition.knock_answered = true;
  world().look();
  EXPECT_TRUE(world().over.empty());
  world().condition.proxies[0].status = "OPEN";
  world().look();
  world().condition.knock_answered = true;
  world().look();
  EXPECT_EQ(world().over.size(), 1U);
}

TEST_F(ReloaderTest, AnInvalidFileIsRefusedWithItsReason) {
  start();
  world().disk = "bad";
  world().request();
  world().say(FilesStaged{world().survey(), WallClock{2000s}, ""});
  world().say(Validated{false, "parsing [/haproxy.cfg:3] : unknown keyword 'x'", ""});
  ASSERT_EQ(world().over.size(), 1U);
  EXPECT_EQ(last().result, Result::Refused);
  EXPECT_EQ(last().detail, "parsing [/haproxy.cfg:3] : unknown keyword 'x'");
  EXPECT_EQ(world().orders(), 0U);
  EXPECT_EQ(world().count<RestoreGeneration>(), 0U) << "on_failure = keep";
}

TEST_F(ReloaderTest, ABindThatCannotBeHadIsRefused) {
  start();
  world().request();
  world().say(FilesStaged{world().survey(), WallClock{2000s}, ""});
  world().say(Validated{true, "", ""});
  world().say(BindsTried{{"bind :80 (/haproxy.cfg:3): address already in use", "b", "c"}, 3, 0});
  ASSERT_EQ(world().over.size(), 1U);
  EXPECT_EQ(last().result, Result::Refused);
  EXPECT_EQ(last().detail, "bind :80 (/haproxy.cfg:3): address already in use (and 2 more)");
  EXPECT_EQ(world().orders(), 0U);
}

TEST_F(ReloaderTest, HaproxysOwnRefusalIsQuoted) {
  start();
  world().request();
  world().up_to_the_order();
  world().answer(
      "Success=0\n--\n[ALERT]    (7) : config : [haproxy.main()] Some protocols failed "
      "to start their listeners! Exiting.\n");
  ASSERT_EQ(world().over.size(), 1U);
  EXPECT_EQ(last().result, Result::Failed);
  EXPECT_NE(last().detail.find("failed to start their listeners"), std::string::npos);
}

TEST_F(ReloaderTest, AFailureThatOnlyTheListTells) {
  start();
  world().request();
  world().up_to_the_order();
  world().fail(Failure::Closed);
  world().tell_processes(1, {11}, 1);
  world().look();
  ASSERT_EQ(world().over.size(), 1U);
  EXPECT_EQ(last().result, Result::Failed);
}

TEST_F(ReloaderTest, WhileAnotherReloadIsUnderWayItIsTriedAgain) {
  start();
  world().request();
  world().up_to_the_order();
  world().answer("Success=0\n--\nAnother reload is still in progress.\n");
  EXPECT_TRUE(world().over.empty());
  world().pass(999ms);
  EXPECT_EQ(world().orders(), 1U);
  world().pass(1ms);
  EXPECT_EQ(world().orders(), 2U);
}

TEST_F(ReloaderTest, AnOrderThatWasLostIsRepeated) {
  start();
  world().request();
  world().up_to_the_order();
  world().fail(Failure::Closed);
  world().pass(3s);
  EXPECT_EQ(world().orders(), 1U) << "the master does not answer: it may be loading";
  world().tell_processes(0, {11});
  world().look();
  world().pass(100ms);
  EXPECT_EQ(world().orders(), 2U);
  world().fail(Failure::Closed);
  world().take_over(12, 1);
  world().condition.knock_answered = true;
  world().look();
  ASSERT_EQ(world().over.size(), 1U);
  EXPECT_EQ(last().result, Result::Ok);
}

TEST_F(ReloaderTest, WhatComesToNoEndIsStuck) {
  start();
  world().request();
  world().up_to_the_order();
  world().answer("");
  world().tell_processes(1, {12, 11});
  world().pass(31s);
  ASSERT_EQ(world().over.size(), 1U);
  EXPECT_EQ(last().result, Result::Stuck);
  EXPECT_EQ(last().detail, "no end after 30 s: worker 12 is still loading");
}

TEST_F(ReloaderTest, AMasterThatIsRestartedMeanwhileEndsIt) {
  start({.on_failure = conf::OnFailure::Restore});
  world().disk = "d2";
  world().request();
  world().up_to_the_order();
  world().condition.master_pid = 20;
  world().fail(Failure::Closed);
  ASSERT_EQ(world().over.size(), 1U);
  EXPECT_EQ(last().detail, "HAProxy was restarted meanwhile (master 10 -> 20)");
  EXPECT_EQ(world().count<RestoreGeneration>(), 0U) << "the files are not to blame";
}

TEST_F(ReloaderTest, SilenceIsForgivenForTwoAndAHalfSecondsAndTwiceTheValidation) {
  start();
  world().request();
  world().up_to_the_order();
  EXPECT_EQ(world().patient_until, world().now + 2500ms + 2 * 20ms);
  world().fail(Failure::Closed);
  world().take_over(12, 1);
  world().condition.knock_answered = true;
  world().look();
  EXPECT_EQ(world().patient_until, world().now) << "a proven worker needs no patience";
}

// ---- one at a time

TEST_F(ReloaderTest, RequestsMeanwhileBecomeOneMore) {
  start();
  world().request();
  world().up_to_the_order();
  EXPECT_EQ(world().request(), std::nullopt);
  EXPECT_EQ(world().request(), std::nullopt);
  world().fail(Failure::Closed);
  world().take_over(12, 1);
  world().condition.knock_answered = true;
  world().look();
  EXPECT_EQ(world().count<StageFiles>(), 1U) << "5 s after the start of the first";
  world().pass(5s);
  EXPECT_EQ(world().count<StageFiles>(), 2U);
  world().reload_well(13, 2);
  world().pass(1min);
  EXPECT_EQ(world().count<StageFiles>(), 2U);
  ASSERT_EQ(world().over.size(), 2U);
  EXPECT_LT(world().over[0].number, world().over[1].number);
}

TEST_F(ReloaderTest, WithoutAMasterSocketOrHaproxyThereIsNone) {
  start();
  world().condition.warnings[Warning::MasterSilent] = "";
  EXPECT_NE(world().request().value_or("").find("master socket"), std::string::npos);
  world().condition.processes.reset();
  EXPECT_NE(world().request().value_or("").find("master socket"), std::string::npos);
  world().die("worker 11 died (signal 9)");
  EXPECT_EQ(world().request(), "HAProxy is not running: worker 11 died (signal 9)");
  EXPECT_EQ(world().count<StageFiles>(), 0U);
}

// ---- the watch

TEST_F(ReloaderTest, AChangedFileIsReloadedAfterTheQuietTime) {
  start({.watch = true});
  world().disk = "half";
  world().say(FilesSurveyed{world().survey(), 10});
  world().pass(1500ms);
  world().disk = "d2";
  world().say(FilesSurveyed{world().survey(), 10});
  world().pass(1999ms);
  EXPECT_EQ(world().count<StageFiles>(), 0U) << "each change begins the quiet time anew";
  world().pass(1ms);
  EXPECT_EQ(world().count<StageFiles>(), 1U);
  world().reload_well(12, 1);
  EXPECT_EQ(last().origin, Origin::Watch);
  EXPECT_EQ(world().reloader.in_sync(), true);
  EXPECT_EQ(world().reloader.out_of_sync_why(), "");
}

TEST_F(ReloaderTest, WithoutWatchAChangeIsOnlyTold) {
  start();
  world().disk = "d2";
  world().say(FilesSurveyed{world().survey(), 10});
  world().pass(1min);
  EXPECT_EQ(world().count<StageFiles>(), 0U);
  EXPECT_EQ(world().reloader.in_sync(), false);
  EXPECT_EQ(world().reloader.out_of_sync_why(), "they differ from what runs");
}

TEST_F(ReloaderTest, WhatWasRefusedIsNotTriedAgainByItself) {
  start({.watch = true});
  world().disk = "bad";
  world().say(FilesSurveyed{world().survey(), 10});
  world().pass(2s);
  world().say(FilesStaged{world().survey(), WallClock{2000s}, ""});
  world().say(Validated{false, "parsing", ""});
  ASSERT_EQ(world().over.size(), 1U);
  EXPECT_EQ(world().reloader.out_of_sync_why(),
            "they differ from what runs, and were rejected: a restart would not load them");
  world().say(FilesSurveyed{world().survey(), 10});
  world().pass(1min);
  EXPECT_EQ(world().count<StageFiles>(), 1U);
  world().disk = "good";
  world().say(FilesSurveyed{world().survey(), 10});
  world().pass(2s);
  EXPECT_EQ(world().count<StageFiles>(), 2U);
}

TEST_F(ReloaderTest, AFilePutBackIsNotReloaded) {
  start({.watch = true});
  world().disk = "d2";
  world().say(FilesSurveyed{world().survey(), 10});
  world().pass(1s);
  world().disk = "d1";
  world().say(FilesSurveyed{world().survey(), 10});
  world().pass(1min);
  EXPECT_EQ(world().count<StageFiles>(), 0U);
}

TEST_F(ReloaderTest, AFileThatIsGoneIsNotReloaded) {
  start({.watch = true});
  world().say(FilesSurveyed{{"", {}, "/haproxy.cfg: no such file", world().changed_at}, 10});
  world().pass(1min);
  EXPECT_EQ(world().count<StageFiles>(), 0U);
  EXPECT_EQ(world().reloader.in_sync(), false);
  EXPECT_EQ(world().reloader.out_of_sync_why(), "/haproxy.cfg: no such file");
}

// ---- the others

TEST_F(ReloaderTest, AReloadBySomebodyElseIsProvenAndRecorded) {
  start();
  world().disk = "d2";
  ++world().condition.disturbances;
  world().look();
  EXPECT_GT(world().patient_until, world().now);
  EXPECT_EQ(world().count<StageFiles>(), 1U) << "what it reads is on disk now";
  world().say(FilesStaged{world().survey(), WallClock{2000s}, ""});
  world().take_over(12, 1);
  world().condition.knock_answered = true;
  world().look();
  ASSERT_EQ(world().over.size(), 1U);
  EXPECT_EQ(last().origin, Origin::Other);
  EXPECT_EQ(last().result, Result::Ok);
  world().say(FilesSurveyed{world().survey(), 10});
  EXPECT_EQ(world().reloader.in_sync(), true);
}

TEST_F(ReloaderTest, AReloadThatOnlyTheListTellsIsRecordedAsWell) {
  start();
  world().tell_processes(1, {11}, 1);
  world().look();
  ASSERT_EQ(world().over.size(), 1U);
  EXPECT_EQ(last().origin, Origin::Other);
  EXPECT_EQ(last().result, Result::Failed);
}

TEST_F(ReloaderTest, TheDeathOfTheMasterIsNoReload) {
  start();
  ++world().condition.disturbances;
  world().look();
  world().die("worker 11 died (signal 9)");
  world().pass(1min);
  EXPECT_TRUE(world().over.empty());
}

TEST_F(ReloaderTest, AMereDisturbanceIsForgotten) {
  start();
  ++world().condition.disturbances;
  world().look();
  world().pass(5s);
  EXPECT_TRUE(world().over.empty());
  EXPECT_EQ(world().reloader.step(), "");
  EXPECT_EQ(world().request(), std::nullopt);
}

}  // namespace
}  // namespace haguard::proxy
