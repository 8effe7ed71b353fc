// Restorations that fail or are cut off: whatever happens, they are whole or not at all.

#include "proxy-bridge/restoration.h"

#include <span>

#include "tests/proxy-bridge/generations_fixture.h"

namespace haguard::proxy {
namespace {

namespace fs = std::filesystem;

class RestorationTest : public GenerationsTest {};

/// A daemon killed at each point of a restoration: the record stands, and some steps are done.
TEST_F(RestorationTest, ARestorationThatWasCutOffIsCompletedAtTheNextLoad) {
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

TEST_F(RestorationTest, WhatSomebodyWroteAfterTheKillIsKeptBesides) {
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

TEST_F(RestorationTest, ACutOffRestorationOfWhatIsGoneIsTakenBack) {
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

TEST_F(RestorationTest, AnUndoThatWasCutOffIsCompletedAtTheNextLoad) {
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

TEST_F(RestorationTest, OnAFullDiskNothingIsStagedAndTheOldOnesStay) {
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

TEST_F(RestorationTest, OnAFullDiskNothingIsRestored) {
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

TEST_F(RestorationTest, OnAReadOnlyFileSystemNothingIsRestored) {
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
TEST_F(RestorationTest, AnErrorHalfwayTakesAllBack) {
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

TEST_F(RestorationTest, AReadOnlyStateDirectoryIsAnError) {
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
