// Generations: what is on disk after each operation, also after those that fail.

#include "proxy-bridge/generations.h"

#include <sys/stat.h>

#include "tests/proxy-bridge/generations_fixture.h"

namespace haguard::proxy {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

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

TEST_F(GenerationsTest, FilesThatComeBackTakeNoPlaceFromOthers) {
  for (const char* const text : {"1", "2", "3", "2"}) {
    write("etc/a.lst", text);
    keep();
  }
  ASSERT_EQ(load_again().error, "");
  const auto kept = generations.list();
  ASSERT_EQ(kept.size(), 3U);
  EXPECT_EQ(kept[0].id, 1U);
  EXPECT_EQ(kept[1].id, 3U);
  EXPECT_EQ(kept[2].id, 4U);
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

TEST_F(GenerationsTest, WhatAKilledDaemonWasWritingIsRemoved) {
  keep();
  const Names drafts{"reload.json.new", "restore.json.new", "generations/2.json.new"};
  for (const std::string& draft : drafts) {
    write("state/haproxy/" + draft, "{");
  }
  ASSERT_EQ(load_again().error, "");
  for (const std::string& draft : drafts) {
    EXPECT_FALSE(fs::exists(directory / "state/haproxy" / draft)) << draft;
  }
  EXPECT_EQ(generations.list().size(), 1U);
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

}  // namespace
}  // namespace haguard::proxy
