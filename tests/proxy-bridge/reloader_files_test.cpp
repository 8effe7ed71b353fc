// What becomes of the files: generations, probation, rollback, and what a later daemon knows.

#include <gtest/gtest.h>

#include "reloader_world.h"

namespace haguard::proxy {
namespace {

const Generation kFirst{1, WallClock{}, "d1", "2.6.12", 1};
const Generation kSecond{2, WallClock{}, "d2", "2.6.12", 1};

class ReloaderFilesTest : public testing::Test {
 protected:
  void start(conf::Reload settings = {}, std::vector<Generation> generations = {kFirst}) {
    world_.emplace(settings);
    world_->start({std::move(generations), "", 0, ""});
    world_->actions.clear();
  }
  void reload(const std::string& digest, int worker, unsigned reloads) {
    world_->disk = digest;
    world_->request();
    world_->reload_well(worker, reloads);
    world_->say(FilesSurveyed{world_->survey(), 10});
  }
  /// The daemon is killed and started again; HAProxy goes on.
  void restart(std::vector<Generation> generations) {
    const std::string journal = world_->journal();
    const Condition condition = world_->condition;
    const std::string disk = world_->disk;
    world_.emplace();
    world_->condition = condition;
    world_->disk = disk;
    world_->start({std::move(generations), journal, 0, ""});
  }
  ReloaderWorld& world() { return *world_; }
  const ReloadRecord& last() { return world_->over.back().record; }

  std::optional<ReloaderWorld> world_;
};

// ---- in sync

TEST_F(ReloaderFilesTest, FilesOlderThanTheWorkerAreWhatRuns) {
  start();
  EXPECT_EQ(world().reloader.in_sync(), true);
  EXPECT_EQ(world().reloader.running_generation(), 1U);
}

TEST_F(ReloaderFilesTest, FilesYoungerThanTheWorkerAreNot) {
  world_.emplace();
  world().changed_at = WallClock{1001s};  // the worker was started at 1000
  world().start();
  EXPECT_EQ(world().reloader.in_sync(), false);
  EXPECT_EQ(world().reloader.out_of_sync_why(), "they have changed since worker 11 was started");
}

TEST_F(ReloaderFilesTest, TheJournalKnowsBetterThanTheClock) {
  start();
  reload("d2", 12, 1);
  world().changed_at = WallClock{5000s};
  restart({kFirst, kSecond});
  EXPECT_EQ(world().reloader.in_sync(), true);
}

TEST_F(ReloaderFilesTest, WhatServesAtTheStartIsTheFirstGeneration) {
  world_.emplace();
  world().start({});
  EXPECT_EQ(world().count<StageFiles>(), 1U);
  EXPECT_EQ(world().count<KeepStaged>(), 1U);
}

TEST_F(ReloaderFilesTest, WhatMayNotBeWhatServesIsNoGeneration) {
  world_.emplace();
  world().changed_at = WallClock{1001s};
  world().start({});
  EXPECT_EQ(world().count<KeepStaged>(), 0U);
}

TEST_F(ReloaderFilesTest, WhatADaemonBeforeUsReloadedBecomesAGenerationAfterAProbation) {
  start();
  reload("d2", 12, 1);
  restart({kFirst});
  EXPECT_EQ(world().count<StageFiles>(), 1U);
  EXPECT_EQ(world().count<KeepStaged>(), 0U);
  world().pass(10s);
  EXPECT_EQ(world().count<KeepStaged>(), 1U);
}

// ---- probation

TEST_F(ReloaderFilesTest, AGenerationIsKeptAfterTheProbation) {
  start();
  reload("d2", 12, 1);
  world().pass(9999ms);
  EXPECT_EQ(world().count<KeepStaged>(), 0U);
  world().pass(1ms);
  EXPECT_EQ(world().count<KeepStaged>(), 1U);
}

TEST_F(ReloaderFilesTest, ACrashWithinTheProbationIsAFailedReload) {
  start({.on_failure = conf::OnFailure::Restore});
  reload("d2", 12, 1);
  world().pass(3200ms);
  world().die("worker 12 died (signal 11)");
  ASSERT_EQ(world().over.size(), 2U);
  EXPECT_EQ(world().over[1].number, 0U) << "nobody waits for it any more";
  EXPECT_EQ(last().result, Result::Failed);
  EXPECT_EQ(last().detail, "worker 12 died (signal 11), 3.2 s after the reload");
  EXPECT_EQ(world().count<KeepStaged>(), 0U);
  ASSERT_NE(world().last<RestoreGeneration>(), nullptr);
  EXPECT_EQ(world().last<RestoreGeneration>()->id, 1U);
  EXPECT_EQ(world().reloader.history().size(), 1U);
}

TEST_F(ReloaderFilesTest, AStopWithinTheProbationIsNoCrash) {
  start({.on_failure = conf::OnFailure::Restore});
  reload("d2", 12, 1);
  world().die("worker 12 exited with code 143", true);
  EXPECT_EQ(world().over.size(), 1U);
  EXPECT_EQ(world().count<RestoreGeneration>(), 0U);
}

TEST_F(ReloaderFilesTest, ByDefaultTheFilesAreLeftAlone) {
  start();
  reload("d2", 12, 1);
  world().die("worker 12 died (signal 11)");
  EXPECT_EQ(world().count<RestoreGeneration>(), 0U);
}

TEST_F(ReloaderFilesTest, RefusedFilesArePutAsideWhenThatIsWanted) {
  start({.on_failure = conf::OnFailure::Restore});
  world().disk = "bad";
  world().request();
  world().say(FilesStaged{world().survey(), WallClock{2000s}, ""});
  world().say(Validated{false, "parsing", ""});
  ASSERT_EQ(world().count<RestoreGeneration>(), 1U);
  EXPECT_NE(world().request(), std::nullopt) << "not while files are being put back";
  world().say(FilesRestored{1, {"/haproxy.cfg.rejected-20260101T000000Z"}, ""});
  EXPECT_EQ(world().warnings.back(),
            "generation 1 was put back: what stood there is kept as "
            "/haproxy.cfg.rejected-20260101T000000Z");
  world().disk = "d1";
  world().say(FilesSurveyed{world().survey(), 10});
  EXPECT_EQ(world().reloader.in_sync(), true);
}

// ---- rollback

TEST_F(ReloaderFilesTest, RollbackPutsTheFilesBackAndReloads) {
  start({}, {kFirst, kSecond});
  reload("d2", 12, 1);
  world().pass(1min);
  EXPECT_EQ(world().roll_back(std::nullopt), std::nullopt);
  ASSERT_NE(world().last<RestoreGeneration>(), nullptr);
  EXPECT_EQ(world().last<RestoreGeneration>()->id, 1U) << "the one before that which runs";
  world().say(FilesRestored{1, {}, ""});
  world().disk = "d1";
  world().reload_well(13, 2);
  EXPECT_EQ(last().origin, Origin::Rollback);
  EXPECT_EQ(last().result, Result::Ok);
  EXPECT_EQ(world().reloader.running_generation(), 1U);
  EXPECT_EQ(world().count<UndoRestore>(), 0U);
}

TEST_F(ReloaderFilesTest, ARollbackComesBeforeFilesThatHaveChanged) {
  start({.watch = true}, {kFirst, kSecond});
  world().disk = "bad";
  world().say(FilesSurveyed{world().survey(), 10});
  EXPECT_EQ(world().roll_back(2), std::nullopt);
  EXPECT_EQ(world().count<RestoreGeneration>(), 1U);
  world().pass(1min);
  EXPECT_EQ(world().count<StageFiles>(), 0U) << "not before the files are back";
}

TEST_F(ReloaderFilesTest, ARollbackThatIsRefusedIsTakenBack) {
  start({}, {kFirst, kSecond});
  world().roll_back(2);
  world().say(FilesRestored{2, {}, ""});
  world().disk = "d2";
  world().say(FilesStaged{world().survey(), WallClock{2000s}, ""});
  world().say(Validated{false, "a certificate is missing", ""});
  EXPECT_EQ(last().result, Result::Refused);
  EXPECT_EQ(world().count<UndoRestore>(), 1U);
  EXPECT_NE(world().request(), std::nullopt);
  world().say(RestoreUndone{});
  EXPECT_EQ(world().request(), std::nullopt);
}

TEST_F(ReloaderFilesTest, ARollbackThatCannotWriteEndsThere) {
  start({}, {kFirst, kSecond});
  world().roll_back(2);
  world().say(FilesRestored{2, {}, "/haproxy.cfg: Read-only file system"});
  ASSERT_EQ(world().over.size(), 1U);
  EXPECT_EQ(last().detail, "generation 2 cannot be put back: /haproxy.cfg: Read-only file system");
  EXPECT_EQ(world().over.back().number, world().reloader.begun());
  EXPECT_EQ(world().orders(), 0U);
}

TEST_F(ReloaderFilesTest, FilesThatWereNeverLoadedAreRolledBackToThoseThatRun) {
  start({}, {kFirst, kSecond});
  ASSERT_EQ(world().reloader.running_generation(), kFirst.id);
  world().disk = "d9";
  world().say(FilesSurveyed{world().survey(), 10});
  ASSERT_EQ(world().reloader.in_sync(), false);
  EXPECT_EQ(world().roll_back(std::nullopt), std::nullopt);
  ASSERT_NE(world().last<RestoreGeneration>(), nullptr);
  EXPECT_EQ(world().last<RestoreGeneration>()->id, kFirst.id);
}

TEST_F(ReloaderFilesTest, ThereMustBeSomethingToRollBackTo) {
  start();
  EXPECT_EQ(world().roll_back(std::nullopt), "there is no generation before the one that runs");
  EXPECT_EQ(world().roll_back(7), "there is no generation 7: `haguard proxy history` lists them");
}

// ---- a daemon that is killed

TEST_F(ReloaderFilesTest, KilledBeforeTheOrderNothingHasHappened) {
  start();
  world().disk = "d2";
  world().request();
  world().say(FilesStaged{world().survey(), WallClock{2000s}, ""});
  world().say(Validated{true, "", ""});
  restart({kFirst});
  world().pass(1min);
  EXPECT_TRUE(world().over.empty());
}

TEST_F(ReloaderFilesTest, KilledAfterTheOrderTheNextDaemonProvesIt) {
  start();
  world().disk = "d2";
  world().request();
  world().up_to_the_order();
  world().condition.worker_pid = 12;
  world().condition.worker_started = 2000;
  world().tell_processes(1, {12});
  restart({kFirst});
  world().say(FilesStaged{world().survey(), WallClock{2000s}, ""});
  world().condition.knock_answered = true;
  world().look();
  ASSERT_EQ(world().over.size(), 1U);
  EXPECT_EQ(last().result, Result::Ok);
  EXPECT_EQ(last().origin, Origin::Operator);
  EXPECT_EQ(world().reloader.in_sync(), true);
}

TEST_F(ReloaderFilesTest, KilledAfterTheOrderTheNextDaemonSeesThatItFailed) {
  start();
  world().disk = "d2";
  world().request();
  world().up_to_the_order();
  world().tell_processes(1, {11}, 1);
  restart({kFirst});
  ASSERT_EQ(world().over.size(), 1U);
  EXPECT_EQ(last().result, Result::Failed);
  EXPECT_EQ(world().reloader.in_sync(), false);
}

TEST_F(ReloaderFilesTest, KilledWithTheOrderOnItsWayItIsToldThatItNeverArrived) {
  start();
  world().disk = "d2";
  world().request();
  world().up_to_the_order();
  restart({kFirst});
  world().say(FilesStaged{world().survey(), WallClock{2000s}, ""});
  world().pass(5s);
  ASSERT_EQ(world().over.size(), 1U);
  EXPECT_EQ(last().result, Result::Refused);
  EXPECT_EQ(last().detail, "haguard ended before the order had reached HAProxy");
  restart({kFirst});
  EXPECT_TRUE(world().over.empty()) << "told once";
}

TEST_F(ReloaderFilesTest, AJournalThatIsNotReadableIsToldAndBegunAnew) {
  world_.emplace();
  world().start({{kFirst}, "{\"running\": 7}", 0, ""});
  ASSERT_EQ(world().warnings.size(), 1U);
  EXPECT_EQ(world().reloader.in_sync(), true);
}

TEST_F(ReloaderFilesTest, AFullDiskIsToldOnceAndKeepsNothingFromReloading) {
  start();
  world().disk = "d2";
  world().request();
  world().say(FilesStaged{world().survey(), WallClock{2000s}, "No space left on device"});
  world().say(Validated{true, "", ""});
  world().say(BindsTried{{}, 1, 0});
  world().say(JournalWritten{"reload.json: No space left on device"});
  EXPECT_EQ(world().orders(), 1U);
  world().fail(Failure::Closed);
  world().take_over(12, 1);
  world().condition.knock_answered = true;
  world().look();
  EXPECT_EQ(last().result, Result::Ok);
  world().say(JournalWritten{"reload.json: No space left on device"});
  EXPECT_EQ(std::ranges::count(world().warnings,
                               "the record of reloads cannot be kept: reload.json: No space left "
                               "on device"),
            1);
  world().pass(1min);
  EXPECT_EQ(world().count<KeepStaged>(), 0U) << "there is nothing to keep";
}

}  // namespace
}  // namespace haguard::proxy
