// Generations: what is on disk after each operation, also after those that fail or are cut off.

#include "proxy-bridge/generations.h"

#include <functional>
#include <map>
#include <sched.h>
#include <span>
#include <thread>

#include <sys/mount.h>
#include <sys/stat.h>

#include "proxy-bridge/restoration.h"
#include "proxy-bridge/restoration_plan.h"
#include "tests/proxy-bridge/scratch_haproxy.h"

namespace haguard::proxy {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Names = std::vector<std::string>;

/// 2024-02-29 12:34:56 UTC
const WallClock kNow = WallClock(std::chrono::seconds(1'709'210'096));
const std::string kRejected = ".rejected-20240229T123456Z";

class GenerationsTest : public ScratchHaproxy {
 protected:
  void SetUp() override {
    settings.config = {path("etc/haproxy.cfg"), path("etc/conf.d")};
    write("etc/haproxy.cfg", "frontend f\n acl a src -f " + path("etc/a.lst") + "\n");
    write("etc/conf.d/a.cfg", "defaults\n");
    write("etc/a.lst", "one\n");
    ASSERT_EQ(generations.load(kNow).error, "");
  }

  std::string stage() {
    return generations.stage(surveyor.look(configuration_sources(settings, 0)), kNow);
  }

  void keep() {
    ASSERT_EQ(stage(), "");
    ASSERT_EQ(generations.keep_staged("2.6.12"), "");
  }

  /// Everything below etc/, by name, with its content.
  std::map<std::string, std::string> disk() const {
    std::map<std::string, std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(directory / "etc")) {
      const std::string name = entry.path().lexically_relative(directory);
      found[name] = entry.is_regular_file() ? text_of(name) : "";
    }
    return found;
  }

  std::size_t blobs() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(directory / "state/haproxy/blobs"), {}));
  }

  /// As a daemon that starts now finds it.
  Generations::Loaded load_again() {
    generations = Generations(path("state/haproxy"), 3);
    return generations.load(kNow + 60s);
  }

  /// Runs on a thread with mounts of its own.
  static void with_own_mounts(const std::function<void()>& run) {
    std::thread([&] {
      ASSERT_EQ(::unshare(CLONE_NEWNS), 0);
      ASSERT_EQ(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
      run();
    }).join();
  }

  Generations generations{path("state/haproxy"), 3};
  FileSurveyor surveyor;
};

TEST_F(GenerationsTest, AreThereAgainAfterARestart) {
  keep();
  ASSERT_EQ(load_again().error, "");
  const auto kept = generations.list();
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].id, 1U);
  EXPECT_EQ(kept[0].version, "2.6.12");
  EXPECT_EQ(kept[0].files, 3U);
  EXPECT_EQ(kept[0].kept_at, kNow);
}

TEST_F(GenerationsTest, AreForRootOnly) {
  keep();
  for (const auto& entry : fs::recursive_directory_iterator(directory / "state/haproxy")) {
    const auto permissions = entry.status().permissions();
    EXPECT_EQ(permissions & (fs::perms::group_all | fs::perms::others_all), fs::perms::none)
        << entry.path();
  }
  EXPECT_EQ(fs::status(directory / "state/haproxy").permissions(), fs::perms::owner_all);
}

TEST_F(GenerationsTest, TheSameFilesAreTheSameGeneration) {
  keep();
  keep();
  EXPECT_EQ(generations.list().size(), 1U);
}

TEST_F(GenerationsTest, OnlyTheLastOnesAreKeptAndTheirContents) {
  for (const char* const text : {"1", "2", "3", "4", "5"}) {
    write("etc/a.lst", text);
    keep();
  }
  const auto kept = generations.list();
  ASSERT_EQ(kept.size(), 3U);
  EXPECT_EQ(kept.front().id, 3U);
  EXPECT_EQ(kept.back().id, 5U);
  EXPECT_EQ(blobs(), 5U) << "haproxy.cfg, a.cfg and three lists";
  ASSERT_EQ(load_again().error, "");
  write("etc/a.lst", "6");
  keep();
  EXPECT_EQ(generations.list().back().id, 6U);
}

TEST_F(GenerationsTest, WhatIsStagedIsNoGenerationYet) {
  ASSERT_EQ(stage(), "");
  EXPECT_TRUE(generations.list().empty());
  EXPECT_EQ(blobs(), 3U);
  ASSERT_EQ(load_again().error, "");
  EXPECT_EQ(blobs(), 0U);
  EXPECT_EQ(generations.keep_staged("2.6.12"), "nothing is staged");
}

TEST_F(GenerationsTest, AFileThatChangesWhileItIsStagedIsAnError) {
  const FileSet set = surveyor.look(configuration_sources(settings, 0));
  write("etc/a.lst", "two\n");
  EXPECT_EQ(generations.stage(set, kNow), path("etc/a.lst") + ": the content is not what it was");
  EXPECT_EQ(blobs(), 0U);
}

TEST_F(GenerationsTest, WithoutADigestNothingIsStaged) {
  fs::remove_all(directory / "etc");
  EXPECT_EQ(stage(), path("etc/haproxy.cfg") + ": No such file or directory");
}

TEST_F(GenerationsTest, RestoresWhatDiffersAndKeepsItBesides) {
  ::chmod(path("etc/a.lst").c_str(), 0640);
  keep();
  const auto before = disk();
  write("etc/a.lst", "two\n");
  ::chmod(path("etc/a.lst").c_str(), 0604);
  write("etc/conf.d/b.cfg", "backend b\n");
  const auto result = generations.restore(1, kNow);
  EXPECT_EQ(result.error, "");
  EXPECT_EQ(result.rejected,
            (Names{path("etc/a.lst") + kRejected, path("etc/conf.d/b.cfg") + kRejected}));
  auto expected = before;
  expected["etc/a.lst" + kRejected] = "two\n";
  expected["etc/conf.d/b.cfg" + kRejected] = "backend b\n";
  EXPECT_EQ(disk(), expected);
  struct stat restored {};
  ASSERT_EQ(::stat(path("etc/a.lst").c_str(), &restored), 0);
  EXPECT_EQ(restored.st_mode & 07777U, 0640U);
  ASSERT_EQ(::stat((path("etc/a.lst") + kRejected).c_str(), &restored), 0);
  EXPECT_EQ(restored.st_mode & 07777U, 0604U);
  EXPECT_EQ(surveyor.look(configuration_sources(settings, 0)).survey.digest,
            generations.list()[0].digest);
}

TEST_F(GenerationsTest, AFileThatGrewBeyondAllBoundsIsReplaced) {
  keep();
  fs::resize_file(path("etc/a.lst"), (64U << 20U) + 1);
  EXPECT_EQ(generations.restore(1, kNow).error, "");
  EXPECT_EQ(text_of("etc/a.lst"), "one\n");
}

TEST_F(GenerationsTest, RestoresTheOwner) {
  ASSERT_EQ(::chown(path("etc/a.lst").c_str(), 12, 34), 0);
  keep();
  fs::remove(path("etc/a.lst"));
  write("etc/a.lst", "two\n");
  ASSERT_EQ(generations.restore(1, kNow).error, "");
  struct stat restored {};
  ASSERT_EQ(::stat(path("etc/a.lst").c_str(), &restored), 0);
  EXPECT_EQ(restored.st_uid, 12U);
  EXPECT_EQ(restored.st_gid, 34U);
}

TEST_F(GenerationsTest, MissingFilesAndDirectoriesAreMadeAgain) {
  keep();
  const auto before = disk();
  fs::remove(path("etc/a.lst"));
  fs::remove_all(path("etc/conf.d"));
  const auto result = generations.restore(1, kNow);
  EXPECT_EQ(result.error, "");
  EXPECT_TRUE(result.rejected.empty());
  EXPECT_EQ(disk(), before);
}

TEST_F(GenerationsTest, UndoPutsBackWhatTheRestorationReplaced) {
  keep();
  write("etc/a.lst", "two\n");
  write("etc/conf.d/b.cfg", "backend b\n");
  fs::remove_all(path("etc/conf.d/a.cfg"));
  const auto before = disk();
  ASSERT_EQ(generations.restore(1, kNow).error, "");
  ASSERT_NE(disk(), before);
  EXPECT_EQ(generations.undo_restore(), "");
  EXPECT_EQ(disk(), before);
  EXPECT_EQ(generations.undo_restore(), "nothing was restored");
}

TEST_F(GenerationsTest, UndoWorksAfterARestart) {
  keep();
  write("etc/a.lst", "two\n");
  ASSERT_EQ(generations.restore(1, kNow).error, "");
  EXPECT_EQ(load_again().completed_restore, 0U);
  EXPECT_EQ(generations.undo_restore(), "");
  EXPECT_EQ(text_of("etc/a.lst"), "two\n");
}

TEST_F(GenerationsTest, UndoDoesNotDestroyWhatSomebodyWroteSince) {
  keep();
  write("etc/a.lst", "two\n");
  ASSERT_EQ(generations.restore(1, kNow).error, "");
  write("etc/a.lst", "three\n");
  const auto before = disk();
  EXPECT_EQ(generations.undo_restore(), path("etc/a.lst") + ": has changed since it was restored");
  EXPECT_EQ(disk(), before);
}

TEST_F(GenerationsTest, UndoNeedsTheRejectedFiles) {
  keep();
  write("etc/a.lst", "two\n");
  ASSERT_EQ(generations.restore(1, kNow).error, "");
  fs::remove(path("etc/a.lst") + kRejected);
  EXPECT_EQ(generations.undo_restore(), path("etc/a.lst") + kRejected + ": is not there any more");
  EXPECT_EQ(text_of("etc/a.lst"), "one\n");
}

TEST_F(GenerationsTest, TwoRestorationsWithinASecondKeepBothRejects) {
  keep();
  write("etc/a.lst", "two\n");
  ASSERT_EQ(generations.restore(1, kNow).error, "");
  write("etc/a.lst", "three\n");
  EXPECT_EQ(generations.restore(1, kNow).rejected, Names{path("etc/a.lst") + kRejected + "-2"});
  EXPECT_EQ(text_of("etc/a.lst" + kRejected), "two\n");
  EXPECT_EQ(text_of("etc/a.lst" + kRejected + "-2"), "three\n");
}

TEST_F(GenerationsTest, InACertificateDirectoryRejectsAreHidden) {
  write("etc/crt/a.pem", "a");
  write("etc/haproxy.cfg", "frontend f\n bind :443 ssl crt " + path("etc/crt/") + "\n");
  keep();
  write("etc/crt/a.pem", "b");
  write("etc/crt/c.pem", "c");
  EXPECT_EQ(generations.restore(1, kNow).rejected,
            (Names{path("etc/crt/.a.pem") + kRejected, path("etc/crt/.c.pem") + kRejected}));
  EXPECT_EQ(surveyor.look(configuration_sources(settings, 0)).survey.digest,
            generations.list()[0].digest);
}

TEST_F(GenerationsTest, LinksStayLinks) {
  write("etc/real/a.lst", "one\n");
  fs::remove(path("etc/a.lst"));
  fs::create_symlink("real/a.lst", path("etc/a.lst"));
  keep();
  write("etc/a.lst", "two\n");
  EXPECT_EQ(generations.restore(1, kNow).rejected, Names{path("etc/real/a.lst") + kRejected});
  EXPECT_EQ(fs::read_symlink(path("etc/a.lst")), "real/a.lst");
  EXPECT_EQ(text_of("etc/real/a.lst"), "one\n");
  fs::remove_all(path("etc/real"));
  EXPECT_EQ(generations.restore(1, kNow).error, "") << "through a dangling link";
  EXPECT_EQ(text_of("etc/real/a.lst"), "one\n");
}

TEST_F(GenerationsTest, TwoFilesThatBecameOneCannotBothBeRestored) {
  keep();
  fs::remove(path("etc/a.lst"));
  fs::create_symlink("haproxy.cfg", path("etc/a.lst"));
  const auto before = disk();
  EXPECT_EQ(
      generations.restore(1, kNow).error,
      path("etc/a.lst") + " and " + path("etc/haproxy.cfg") + " are one file now, and were two");
  EXPECT_EQ(disk(), before);
}

TEST_F(GenerationsTest, LinksThatGoRoundAreAnError) {
  keep();
  fs::remove(path("etc/a.lst"));
  fs::create_symlink("a.lst", path("etc/a.lst"));
  EXPECT_EQ(generations.restore(1, kNow).error,
            path("etc/a.lst") + ": Too many levels of symbolic links");
}

TEST_F(GenerationsTest, AnUnknownGenerationIsAnError) {
  EXPECT_EQ(generations.restore(7, kNow).error, "there is no generation 7");
}

TEST_F(GenerationsTest, AMissingContentChangesNothing) {
  keep();
  write("etc/a.lst", "two\n");
  write("etc/conf.d/a.cfg", "listen l\n");
  write("etc/conf.d/b.cfg", "backend b\n");
  const auto before = disk();
  for (const auto& entry : fs::directory_iterator(directory / "state/haproxy/blobs")) {
    if (fs::file_size(entry) == 4) {  // that of a.lst
      fs::remove(entry);
    }
  }
  EXPECT_NE(generations.restore(1, kNow).error, "");
  EXPECT_EQ(disk(), before);
}

TEST_F(GenerationsTest, ADamagedContentChangesNothing) {
  keep();
  write("etc/a.lst", "two\n");
  const auto before = disk();
  for (const auto& entry : fs::directory_iterator(directory / "state/haproxy/blobs")) {
    std::ofstream(entry.path()) << "0ne\n";
  }
  EXPECT_NE(generations.restore(1, kNow).error, "");
  EXPECT_EQ(disk(), before);
}

TEST_F(GenerationsTest, ADamagedRecordIsToldOnceAndTheOthersLive) {
  keep();
  write("etc/a.lst", "two\n");
  keep();
  write("state/haproxy/generations/2.json", "{\"id\": 2, \"files\": 7}");
  const std::string file = path("state/haproxy/generations/2.json");
  EXPECT_EQ(load_again().error, file + ": damaged, now " + file + ".damaged");
  ASSERT_EQ(generations.list().size(), 1U);
  EXPECT_EQ(load_again().error, "");
  EXPECT_EQ(generations.restore(1, kNow).error, "");
}

TEST_F(GenerationsTest, NamesThatJsonCannotHoldAreRefused) {
  write("etc/\xff.lst", "one\n");
  write("etc/haproxy.cfg", "frontend f\n acl a src -f " + path("etc/\xff.lst") + "\n");
  EXPECT_EQ(stage(), "a name is not UTF-8, so it cannot be recorded");
}

/// A daemon killed at each point of a restoration: the record stands, and some steps are done.
TEST_F(GenerationsTest, ARestorationThatWasCutOffIsCompletedAtTheNextLoad) {
  keep();
  write("etc/conf.d/b.cfg", "backend b\n");
  write("etc/a.lst", "two\n");
  fs::remove(path("etc/conf.d/a.cfg"));
  const auto broken = disk();
  const std::string generation = text_of("state/haproxy/generations/1.json");
  ASSERT_EQ(generations.restore(1, kNow).error, "");
  const auto whole = disk();
  auto record = parse_restore_record(text_of("state/haproxy/restore.json"));
  ASSERT_TRUE(record);
  ASSERT_EQ(record->steps.size(), 3U);
  ASSERT_EQ(generations.undo_restore(), "");
  ASSERT_EQ(disk(), broken);
  record->state = RestoreState::Doing;
  for (std::size_t done = 0; done <= record->steps.size(); ++done) {
    write("state/haproxy/restore.json", *to_text(*record));
    ASSERT_EQ(carry_out(std::span(record->steps).first(done), path("state/haproxy/blobs")), "");
    // The draft of the next one was written, and a link made, when the daemon was killed.
    if (done < record->steps.size() && record->steps[done].kind == StepKind::Replace) {
      std::ofstream(record->steps[done].draft) << "half";
      fs::create_hard_link(record->steps[done].path, record->steps[done].rejected);
    }
    generations = Generations(path("state/haproxy"), 3);
    const auto loaded = generations.load(kNow);
    EXPECT_EQ(loaded.error, "") << done;
    EXPECT_EQ(loaded.completed_restore, 1U) << done;
    EXPECT_EQ(disk(), whole) << done;
    EXPECT_EQ(generations.undo_restore(), "") << done;
    EXPECT_EQ(disk(), broken) << done;
  }
}

TEST_F(GenerationsTest, WhatSomebodyWroteAfterTheKillIsKeptBesides) {
  keep();
  write("etc/a.lst", "two\n");
  ASSERT_EQ(generations.restore(1, kNow).error, "");
  auto record = parse_restore_record(text_of("state/haproxy/restore.json"));
  record->state = RestoreState::Doing;
  write("state/haproxy/restore.json", *to_text(*record));
  write("etc/a.lst", "three\n");
  EXPECT_EQ(load_again().completed_restore, 1U);
  EXPECT_EQ(text_of("etc/a.lst"), "one\n");
  EXPECT_EQ(text_of("etc/a.lst" + kRejected), "two\n");
  EXPECT_EQ(text_of("etc/a.lst.rejected-20240229T123556Z"), "three\n");
}

TEST_F(GenerationsTest, ACutOffRestorationOfWhatIsGoneIsTakenBack) {
  keep();
  write("etc/a.lst", "two\n");
  const auto broken = disk();
  ASSERT_EQ(generations.restore(1, kNow).error, "");
  auto record = parse_restore_record(text_of("state/haproxy/restore.json"));
  record->state = RestoreState::Doing;
  write("state/haproxy/restore.json", *to_text(*record));
  fs::remove(path("state/haproxy/generations/1.json"));
  const auto loaded = load_again();
  EXPECT_EQ(loaded.error, "the restoration was cut off, and taken back: there is no generation 1");
  EXPECT_EQ(loaded.completed_restore, 0U);
  EXPECT_EQ(disk(), broken);
  EXPECT_EQ(load_again().error, "");
}

TEST_F(GenerationsTest, AnUndoThatWasCutOffIsCompletedAtTheNextLoad) {
  keep();
  write("etc/a.lst", "two\n");
  write("etc/conf.d/b.cfg", "backend b\n");
  const auto broken = disk();
  ASSERT_EQ(generations.restore(1, kNow).error, "");
  auto record = parse_restore_record(text_of("state/haproxy/restore.json"));
  record->state = RestoreState::Undoing;
  write("state/haproxy/restore.json", *to_text(*record));
  fs::rename(record->steps[1].rejected, record->steps[1].path);
  const auto loaded = load_again();
  EXPECT_EQ(loaded.error, "");
  EXPECT_EQ(loaded.completed_restore, 0U);
  EXPECT_EQ(disk(), broken);
}

TEST_F(GenerationsTest, OnAFullDiskNothingIsStagedAndTheOldOnesStay) {
  with_own_mounts([this] {
    fs::create_directories(path("small"));
    ASSERT_EQ(::mount("tmpfs", path("small").c_str(), "tmpfs", 0, "size=256k"), 0);
    generations = Generations(path("small/haproxy"), 3);
    ASSERT_EQ(generations.load(kNow).error, "");
    keep();
    write("etc/a.lst", std::string(1U << 20U, 'x'));
    const std::string error = stage();
    EXPECT_TRUE(error.ends_with(": No space left on device")) << error;
    write("etc/a.lst", "two\n");
    EXPECT_EQ(stage(), "") << "what was copied in vain is gone";
    EXPECT_EQ(generations.list().size(), 1U);
    EXPECT_EQ(generations.restore(1, kNow).error, "");
  });
}

TEST_F(GenerationsTest, OnAFullDiskNothingIsRestored) {
  with_own_mounts([this] {
    ASSERT_EQ(::mount("tmpfs", path("etc/conf.d").c_str(), "tmpfs", 0, "size=64k"), 0);
    write("etc/conf.d/a.cfg", std::string(40'000, '#'));
    keep();
    write("etc/conf.d/a.cfg", std::string(40'000, '\n'));
    write("etc/a.lst", "two\n");
    const auto before = disk();
    const std::string error = generations.restore(1, kNow).error;
    EXPECT_TRUE(error.ends_with(": No space left on device")) << error;
    EXPECT_TRUE(disk() == before);
    EXPECT_EQ(generations.undo_restore(), "nothing was restored");
  });
}

TEST_F(GenerationsTest, OnAReadOnlyFileSystemNothingIsRestored) {
  keep();
  write("etc/a.lst", "two\n");
  write("etc/conf.d/b.cfg", "backend b\n");
  with_own_mounts([this] {
    const std::string place = path("etc/conf.d");
    ASSERT_EQ(::mount(place.c_str(), place.c_str(), nullptr, MS_BIND, nullptr), 0);
    ASSERT_EQ(::mount(nullptr, place.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr),
              0);
    const auto before = disk();
    EXPECT_EQ(generations.restore(1, kNow).error,
              path("etc/conf.d/b.cfg") + ": Read-only file system");
    EXPECT_EQ(disk(), before);
  });
}

/// As in a container that gets single files from outside: rename(2) and link(2) refuse those, and
/// by then the file before it has been replaced.
TEST_F(GenerationsTest, AnErrorHalfwayTakesAllBack) {
  keep();
  write("etc/a.lst", "two\n");
  write("outside", "listen l\n");
  with_own_mounts([this] {
    const std::string place = path("etc/conf.d/a.cfg");
    ASSERT_EQ(::mount(path("outside").c_str(), place.c_str(), nullptr, MS_BIND, nullptr), 0);
    const auto before = disk();
    EXPECT_EQ(generations.restore(1, kNow).error,
              place + kRejected + ": Invalid cross-device link");
    EXPECT_EQ(disk(), before);
    EXPECT_EQ(generations.undo_restore(), "nothing was restored");
  });
}

TEST_F(GenerationsTest, AReadOnlyStateDirectoryIsAnError) {
  with_own_mounts([this] {
    const std::string place = path("state");
    ASSERT_EQ(::mount(place.c_str(), place.c_str(), nullptr, MS_BIND, nullptr), 0);
    ASSERT_EQ(::mount(nullptr, place.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr),
              0);
    EXPECT_TRUE(stage().ends_with(": Read-only file system"));
    EXPECT_EQ(load_again().error, "");
  });
}

}  // namespace
}  // namespace haguard::proxy
