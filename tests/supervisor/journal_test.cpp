#include "supervisor/journal.h"

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/supervisor/sample_status.h"

namespace haguard::supervisor {
namespace {

using conf::LogLevel;

/// Milliseconds from 1970 to 2026-01-01T12:00:00Z: `date -ud '2026-01-01 12:00' +%s`000.
constexpr std::uint64_t kNoon = 1767268800000;

class JournalTest : public testing::Test {
 protected:
  void add(const std::string& text) { journal_.add({LogLevel::Info, text}, noon_plus(1)); }

  Journal journal_{noon_plus(0)};
};

TEST_F(JournalTest, NumbersBeginWithTheTimeOfTheStartAndHaveNoGaps) {
  EXPECT_EQ(journal_.last(), kNoon);
  add("a");
  add("b");
  const auto all = journal_.latest(10);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0]->sequence, kNoon + 1);
  EXPECT_EQ(all[1]->sequence, kNoon + 2);
  EXPECT_EQ(journal_.last(), kNoon + 2);
}

TEST_F(JournalTest, KeepsTheLastThousand) {
  for (int i = 0; i < 1001; ++i) {
    add(std::to_string(i));
  }
  const auto all = journal_.latest(5000);
  ASSERT_EQ(all.size(), 1000U);
  EXPECT_EQ(all.front()->message.text, "1");
  EXPECT_EQ(all.back()->message.text, "1000");
}

TEST_F(JournalTest, TextsAreBounded) {
  add(std::string(100000, 'x'));
  EXPECT_EQ(journal_.latest(1)[0]->message.text.size(), 1024U);
}

TEST_F(JournalTest, TheLatestAreTheNewestOldestFirst) {
  add("a");
  add("b");
  add("c");
  const auto two = journal_.latest(2);
  ASSERT_EQ(two.size(), 2U);
  EXPECT_EQ(two[0]->message.text, "b");
  EXPECT_EQ(two[1]->message.text, "c");
  EXPECT_TRUE(journal_.latest(0).empty());
}

TEST_F(JournalTest, AfterANumberComesWhatIsNewerAndTheOldestOfThatFirst) {
  add("a");
  add("b");
  add("c");
  const auto next = journal_.after(kNoon + 1, 1);
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next[0]->message.text, "b");
  EXPECT_TRUE(journal_.after(kNoon + 3, 10).empty());
  EXPECT_EQ(journal_.after(0, 10).size(), 3U);
}

TEST_F(JournalTest, WhoKnowsALaterNumberThanOursSawAnotherDaemon) {
  add("a");
  EXPECT_EQ(journal_.after(kNoon + 7, 10).size(), 1U);
}

TEST_F(JournalTest, TheListenerHearsOfEachWhenItCanBeRead) {
  std::vector<std::uint64_t> heard;
  journal_.on_entry([&] { heard.push_back(journal_.last()); });
  add("a");
  add("b");
  EXPECT_EQ(heard, (std::vector<std::uint64_t>{kNoon + 1, kNoon + 2}));
}

TEST_F(JournalTest, AsJson) {
  journal_.add({LogLevel::Warning, "edge/ipv4: gone", "state-changed"}, noon_plus(1.5));
  const nlohmann::json expected{{"events",
                                 {{{"sequence", kNoon + 1},
                                   {"time", "2026-01-01T12:00:01.500Z"},
                                   {"level", "warning"},
                                   {"event", "state-changed"},
                                   {"text", "edge/ipv4: gone"}}}},
                                {"last", kNoon + 1}};
  EXPECT_EQ(to_json(journal_.latest(1), journal_.last()), expected);
}

TEST_F(JournalTest, WithoutEventsTheNumberToGoOnFromStaysWhereItIs) {
  add("a");
  EXPECT_EQ(to_json({}, journal_.last())["last"], kNoon + 1);
}

}  // namespace
}  // namespace haguard::supervisor
