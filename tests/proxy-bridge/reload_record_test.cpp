#include "proxy-bridge/reload_record.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "proxy-bridge/reply.h"

namespace haguard::proxy {
namespace {

using namespace std::chrono_literals;

ReloadJournal sample() {
  ReloadJournal journal;
  journal.running = {"abc", 11, 1700000000};
  journal.order = Order{Origin::Watch, WallClock{5s}, "def", {10, 11, 3, {"fe", "be"}}};
  journal.history.push_back({Origin::Rollback,
                             Result::Failed,
                             WallClock{7s},
                             12ms,
                             "why\n\"not\"",
                             "def",
                             {{"validate", false, 3ms, "parsing"}}});
  return journal;
}

TEST(ReloadJournal, ComesBackAsItWasWritten) {
  const auto read = parse_reload_journal(to_text(sample()));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->running, sample().running);
  ASSERT_TRUE(read->order);
  EXPECT_EQ(read->order->origin, Origin::Watch);
  EXPECT_EQ(read->order->before.open_frontends, sample().order->before.open_frontends);
  EXPECT_EQ(read->order->before.reloads, 3U);
  ASSERT_EQ(read->history.size(), 1U);
  EXPECT_EQ(read->history[0].result, Result::Failed);
  EXPECT_EQ(read->history[0].at, WallClock{7s});
  EXPECT_EQ(read->history[0].detail, "why\n\"not\"");
  ASSERT_EQ(read->history[0].steps.size(), 1U);
  EXPECT_EQ(read->history[0].steps[0].took, Duration(3ms));
}

TEST(ReloadJournal, NonsenseIsNone) {
  for (const char* const text :
       {"", "{", "[]", "7", "{}", R"({"running": 7, "history": []})",
        R"({"running": {"digest": 1, "worker_pid": 2, "worker_started": 3}, "history": []})",
        R"({"running": {"digest": "", "worker_pid": 2, "worker_started": 3}, "history": [7]})"}) {
    EXPECT_FALSE(parse_reload_journal(text)) << text;
  }
}

TEST(ReloadJournal, EveryCutOfItIsNoneOrWhole) {
  const std::string text = to_text(sample());
  for (std::size_t length = 0; length + 2 < text.size(); ++length) {
    EXPECT_FALSE(parse_reload_journal(text.substr(0, length))) << length;
  }
}

// Management guide 9.4.1, "reload".
TEST(ReloadReply, SaysWhatBecameOfIt) {
  EXPECT_EQ(parse_reload_reply("Success=1\n--\n[NOTICE] ...\n").kind, ReloadReply::Kind::Taken);
  EXPECT_EQ(parse_reload_reply("").kind, ReloadReply::Kind::Taken);
  EXPECT_EQ(parse_reload_reply("something new\n").kind, ReloadReply::Kind::Taken);
  EXPECT_EQ(parse_reload_reply("Permission denied\n\n").kind, ReloadReply::Kind::Denied);
  EXPECT_EQ(parse_reload_reply("Success=0\n--\nAnother reload is still in progress.\n\n").kind,
            ReloadReply::Kind::Busy);
  const auto bare = parse_reload_reply("Success=0\n");
  EXPECT_EQ(bare.kind, ReloadReply::Kind::Failed);
  EXPECT_EQ(bare.reason, "HAProxy did not take the configuration");
}

TEST(ReloadReply, OnlyARefusalEndsTheConversation) {
  EXPECT_TRUE(is_refusal("Permission denied\n"));
  EXPECT_TRUE(is_refusal("Success=0\n--\nAnother reload is still in progress.\n"));
  EXPECT_FALSE(is_refusal("Success=0\n--\n[ALERT] : Permission denied\n"));
}

}  // namespace
}  // namespace haguard::proxy
