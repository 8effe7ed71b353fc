#include "supervisor/paint.h"

#include <regex>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/supervisor/sample_status.h"

namespace haguard::supervisor {
namespace {

std::string plain(const std::string& text) {
  static const std::regex sequence("\x1b\\[[0-9;]*m");
  return std::regex_replace(text, sequence, "");
}

TEST(Paint, StatesAndVerdictsHaveColours) {
  EXPECT_EQ(painted("edge/ipv4  ACTIVE since 12:00:00 (1.0 s)\n"),
            "edge/ipv4  \x1b[1;32mACTIVE\x1b[0m since 12:00:00 (1.0 s)\n");
  EXPECT_EQ(painted("  web          FAILING  since 12:00:00 (1.0 s)  refused"),
            "  web          \x1b[1;31mFAILING\x1b[0m  since 12:00:00 (1.0 s)  refused");
  EXPECT_EQ(painted("haproxy  dead: worker 11 died (signal 9)\n"),
            "haproxy  \x1b[1;31mdead\x1b[0m: worker 11 died (signal 9)\n");
}

TEST(Paint, WhatADetailSaysHasNone) {
  const std::string detail = "  because    ACTIVE and FAILING are words like others\n";
  EXPECT_EQ(painted(detail), detail);
}

TEST(Paint, NothingElseChanges) {
  const std::string screen = to_text(to_json(sample_status()));
  EXPECT_NE(painted(screen), screen);
  EXPECT_EQ(plain(painted(screen)), screen);
  EXPECT_EQ(painted(""), "");
}

}  // namespace
}  // namespace haguard::supervisor
