// The port as a whole: orders in, events out, on a real file system.

#include "proxy-bridge/files.h"

#include <chrono>
#include <ctime>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "tests/proxy-bridge/scratch_haproxy.h"

namespace haguard::proxy {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class FilesTest : public ScratchHaproxy {
 protected:
  void SetUp() override {
    settings.config = {path("etc/haproxy.cfg"), path("etc/conf.d")};
    write("etc/haproxy.cfg", "frontend f\n acl a src -f " + path("etc/a.lst") + "\n");
    write("etc/conf.d/a.cfg", "defaults\n");
    write("etc/a.lst", "one\n");
    files = make();
  }

  std::unique_ptr<Files> make() {
    return std::make_unique<Files>(io, settings, path("state"), [this](ReloadEvent event) {
      events.push_back(std::move(event));
    });
  }

  /// The next event of this type, within a deadline that only a failure reaches.
  template <typename Event>
  std::optional<Event> next(std::chrono::milliseconds deadline = 10s) {
    return next_that<Event>([](const Event&) { return true; }, deadline);
  }

  template <typename Event>
  std::optional<Event> next_that(const std::function<bool(const Event&)>& fits,
                                 std::chrono::milliseconds deadline = 10s) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    io.restart();
    while (std::chrono::steady_clock::now() < end) {
      for (; seen < events.size(); ++seen) {
        const auto* event = std::get_if<Event>(&events[seen]);
        if (event != nullptr && fits(*event)) {
          ++seen;
          return *event;
        }
      }
      io.run_one_for(100ms);
    }
    return std::nullopt;
  }

  Survey follow() {
    files->perform(FollowFiles{});
    const auto first = next<FilesSurveyed>();
    EXPECT_TRUE(first);
    return first ? first->survey : Survey{};
  }

  /// Waits until a survey has another digest.
  std::optional<Survey> changed_from(const std::string& digest,
                                     std::chrono::milliseconds deadline = 10s) {
    const auto found = next_that<FilesSurveyed>(
        [&](const FilesSurveyed& event) { return event.survey.digest != digest; }, deadline);
    return found ? std::optional(found->survey) : std::nullopt;
  }

  boost::asio::io_context io;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard =
      boost::asio::make_work_guard(io);
  std::vector<ReloadEvent> events;
  std::size_t seen = 0;
  std::unique_ptr<Files> files;
};

TEST_F(FilesTest, EachFollowIsAnsweredWithASurvey) {
  const Survey first = follow();
  EXPECT_EQ(first.files.size(), 3U);
  EXPECT_EQ(first.flaw, "");
  EXPECT_EQ(follow().digest, first.digest);
}

/// Faster than the look that comes every two seconds: the kernel's hint was heard.
TEST_F(FilesTest, AChangedListIsSeenAtOnce) {
  const Survey first = follow();
  // The watch begins with the first look; the one after it finds what happened until then.
  write("etc/a.lst", "two\n");
  const auto second = changed_from(first.digest, 1500ms);
  ASSERT_TRUE(second);
  write("etc/a.lst", "three\n");
  EXPECT_TRUE(changed_from(second->digest, 1500ms));
}

TEST_F(FilesTest, AFileThatIsReplacedByRenameIsFollowedFurther) {
  std::string digest = follow().digest;
  for (const char* const text : {"two\n", "three\n"}) {
    write("etc/.a.lst.swp", text);
    fs::rename(path("etc/.a.lst.swp"), path("etc/a.lst"));
    const auto survey = changed_from(digest, 1500ms);
    ASSERT_TRUE(survey) << text;
    digest = survey->digest;
  }
}

TEST_F(FilesTest, AFileThatIsRenamedAwayAndBack) {
  const Survey first = follow();
  fs::rename(path("etc/a.lst"), path("etc/b.lst"));
  const auto without = changed_from(first.digest);
  ASSERT_TRUE(without);
  EXPECT_EQ(without->flaw, path("etc/a.lst") + ": No such file or directory");
  fs::rename(path("etc/b.lst"), path("etc/a.lst"));
  const auto again = changed_from(without->digest);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->digest, first.digest);
  EXPECT_EQ(again->flaw, "");
}

TEST_F(FilesTest, AFileMoreInADirectoryAndOneLess) {
  const Survey first = follow();
  write("etc/conf.d/b.cfg", "backend b\n");
  const auto more = changed_from(first.digest, 1500ms);
  ASSERT_TRUE(more);
  fs::remove(path("etc/conf.d/b.cfg"));
  const auto less = changed_from(more->digest, 1500ms);
  ASSERT_TRUE(less);
  EXPECT_EQ(less->digest, first.digest);
}

TEST_F(FilesTest, ADirectoryThatIsMadeAgainIsFollowedFurther) {
  const Survey first = follow();
  fs::rename(path("etc"), path("old"));
  const auto gone = changed_from(first.digest);
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->digest, "");
  EXPECT_NE(gone->flaw, "");
  fs::copy(path("old"), path("etc"), fs::copy_options::recursive);
  const auto back = next_that<FilesSurveyed>(
      [&](const FilesSurveyed& event) { return event.survey.digest == first.digest; });
  ASSERT_TRUE(back);
  write("etc/a.lst", "two\n");
  EXPECT_TRUE(changed_from(first.digest));
}

TEST_F(FilesTest, WhatALinkLeadsToIsFollowed) {
  write("elsewhere/a.lst", "one\n");
  fs::remove(path("etc/a.lst"));
  fs::create_symlink(path("elsewhere/a.lst"), path("etc/a.lst"));
  const Survey first = follow();
  write("elsewhere/a.lst", "two\n");
  EXPECT_TRUE(changed_from(first.digest, 1500ms));
}

TEST_F(FilesTest, OtherFilesNearbyAreNoNews) {
  const Survey first = follow();
  write("etc/unrelated", "x");
  write("etc/a.lst", "two\n");
  const auto news = next<FilesSurveyed>();
  ASSERT_TRUE(news);
  EXPECT_NE(news->survey.digest, first.digest);
}

TEST_F(FilesTest, TheJournalIsThereAfterARestart) {
  files->perform(LoadReloadState{});
  auto state = next<StateLoaded>();
  ASSERT_TRUE(state);
  EXPECT_EQ(state->journal, "");
  EXPECT_EQ(state->error, "");
  files->perform(WriteJournal{"first"});
  files->perform(WriteJournal{"second"});
  ASSERT_TRUE(next<JournalWritten>());
  const auto written = next<JournalWritten>();
  ASSERT_TRUE(written);
  EXPECT_EQ(written->error, "");
  files = make();
  files->perform(LoadReloadState{});
  state = next<StateLoaded>();
  ASSERT_TRUE(state);
  EXPECT_EQ(state->journal, "second");
  EXPECT_EQ(text_of("state/haproxy/reload.json"), "second");
}

TEST_F(FilesTest, WhatCannotBeWrittenIsAnError) {
  write("state", "a file where the directory should be");
  files->perform(WriteJournal{"x"});
  const auto written = next<JournalWritten>();
  ASSERT_TRUE(written);
  EXPECT_NE(written->error, "");
}

TEST_F(FilesTest, FromStagingToTheWayBackAndForth) {
  files->perform(LoadReloadState{});
  files->perform(StageFiles{});
  files->perform(KeepStaged{"2.6.12"});
  const auto staged = next<FilesStaged>();
  ASSERT_TRUE(staged);
  EXPECT_EQ(staged->error, "");
  const auto kept = next<GenerationKept>();
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->error, "");
  ASSERT_EQ(kept->generations.size(), 1U);
  EXPECT_EQ(kept->generations[0].digest, staged->survey.digest);

  write("etc/a.lst", "two\n");
  files->perform(RestoreGeneration{1});
  const auto restored = next<FilesRestored>();
  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->id, 1U);
  EXPECT_EQ(restored->error, "");
  ASSERT_EQ(restored->rejected.size(), 1U);
  EXPECT_EQ(text_of("etc/a.lst"), "one\n");

  files->perform(UndoRestore{});
  const auto undone = next<RestoreUndone>();
  ASSERT_TRUE(undone);
  EXPECT_EQ(undone->error, "");
  EXPECT_EQ(text_of("etc/a.lst"), "two\n");
  EXPECT_FALSE(fs::exists(restored->rejected[0]));
}

TEST_F(FilesTest, ARestorationIsSeenByWhoFollows) {
  files->perform(StageFiles{});
  files->perform(KeepStaged{"2.6.12"});
  ASSERT_TRUE(next<GenerationKept>());
  const std::string good = follow().digest;
  write("etc/a.lst", "two\n");
  const auto bad = changed_from(good);
  ASSERT_TRUE(bad);
  files->perform(RestoreGeneration{1});
  const auto again = changed_from(bad->digest);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->digest, good);
}

TEST_F(FilesTest, WhatCannotBeStagedIsToldWithItsSurvey) {
  fs::remove_all(path("etc"));
  files->perform(StageFiles{});
  const auto staged = next<FilesStaged>();
  ASSERT_TRUE(staged);
  EXPECT_EQ(staged->survey.digest, "");
  EXPECT_EQ(staged->error, path("etc/haproxy.cfg") + ": No such file or directory");
}

TEST_F(FilesTest, NobodyIsToldAfterTheEnd) {
  for (int i = 0; i < 100; ++i) {
    files->perform(FollowFiles{});
    files->perform(WriteJournal{"x"});
  }
  files.reset();
  io.restart();
  io.poll();
  EXPECT_TRUE(events.empty());
}

double cpu_seconds() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

TEST_F(FilesTest, AThousandCertificatesAtRestCostNextToNothing) {
  for (int i = 0; i < 1000; ++i) {
    write("etc/crt/" + std::to_string(i) + ".pem", std::string(8192, 'x'));
  }
  write("etc/haproxy.cfg", "frontend f\n bind :443 ssl crt " + path("etc/crt") + "\n");
  EXPECT_EQ(follow().files.size(), 1002U);
  // Until the fresh files have become old; then three looks.
  EXPECT_FALSE(next<FilesSurveyed>(500ms));
  const double before = cpu_seconds();
  EXPECT_FALSE(next<FilesSurveyed>(6s));
  EXPECT_LT(cpu_seconds() - before, 0.3) << "of six seconds";
}

}  // namespace
}  // namespace haguard::proxy
