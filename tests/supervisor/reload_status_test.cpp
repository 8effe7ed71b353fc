#include "supervisor/reload_status.h"

#include <chrono>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace haguard::supervisor {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

/// 2026-01-01 12:00:00 UTC
const proxy::WallClock kNoon{std::chrono::seconds(1767268800)};

ReloadStatus sample() {
  ReloadStatus status;
  status.in_sync = false;
  status.out_of_sync_why = "they differ from what runs";
  status.history = {
      {proxy::Origin::Operator, proxy::Result::Ok, kNoon, 175ms, "worker 11 -> 12", "abc", {}},
      {proxy::Origin::Watch,
       proxy::Result::Refused,
       kNoon + 60s,
       22ms,
       "parsing [/etc/haproxy/haproxy.cfg:3]",
       "def",
       {{"validate", false, 20ms, "parsing [/etc/haproxy/haproxy.cfg:3]"}}}};
  status.generations = {{1, kNoon, "0123456789abcdef", "2.6.12", 3},
                        {2, kNoon, "abc", "2.6.12", 4}};
  status.running_generation = 2;
  return status;
}

TEST(ReloadStatus, TheLastReloadIsTheYoungest) {
  const Json json = to_json(sample());
  EXPECT_EQ(json.at("config_in_sync"), false);
  EXPECT_EQ(json.at("last_reload").at("time"), "2026-01-01T12:01:00.000Z");
  EXPECT_EQ(json.at("last_reload").at("result"), "refused");
  EXPECT_EQ(json.at("last_reload").at("by"), "watch");
  EXPECT_EQ(json.at("last_reload").at("steps").at(0).at("took_ms"), 20.0);
  EXPECT_EQ(json.at("reloads").size(), 2U);
  EXPECT_EQ(json.at("generations").at(1).at("files"), 4);
}

TEST(ReloadStatus, WhatIsNotKnownIsNull) {
  const Json json = to_json(ReloadStatus{});
  EXPECT_TRUE(json.at("config_in_sync").is_null());
  EXPECT_TRUE(json.at("last_reload").is_null());
  EXPECT_EQ(reload_lines(json), "");
  EXPECT_EQ(history_text(json),
            "generations (good files that are kept; * runs)\n  none yet\n"
            "reloads, UTC\n  none yet\n");
}

TEST(ReloadStatus, TheScreenTellsWhatAnEngineerMustKnow) {
  EXPECT_EQ(reload_lines(to_json(sample())),
            "  files on disk: they differ from what runs\n"
            "  last reload 2026-01-01 12:01:00 UTC by watch: refused "
            "(parsing [/etc/haproxy/haproxy.cfg:3])\n");
  ReloadStatus now = sample();
  now.in_sync = true;
  now.step = "validate";
  now.on_probation = true;
  now.history.pop_back();
  EXPECT_EQ(reload_lines(to_json(now)),
            "  reload under way: validate\n"
            "  last reload 2026-01-01 12:00:00 UTC by operator: ok (worker 11 -> 12), on "
            "probation\n");
}

TEST(ReloadStatus, TheHistoryMarksWhatRuns) {
  const std::string text = history_text(to_json(sample()));
  EXPECT_NE(text.find("     1  2026-01-01 12:00:00  3 files  0123456789ab  HAProxy 2.6.12\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("*    2  2026-01-01 12:00:00  4 files  abc  HAProxy 2.6.12\n"),
            std::string::npos);
}

TEST(ReloadStatus, NothingOfAStrangerReachesTheTerminal) {
  ReloadStatus status = sample();
  status.out_of_sync_why = "\x1b[2J";
  EXPECT_EQ(reload_lines(to_json(status)).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace haguard::supervisor
