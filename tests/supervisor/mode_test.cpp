#include "supervisor/mode.h"

#include <gtest/gtest.h>

namespace haguard::supervisor {
namespace {

TEST(ModeFileText, ReadsWhatItWrites) {
  for (const Mode mode : {Mode::Normal, Mode::Draining, Mode::Drained}) {
    const ModeRecord record{mode, 1767225600000};
    EXPECT_EQ(parse_mode(to_text(record)), record);
  }
}

TEST(ModeFileText, WhatDoesNotReadAsAWholeIsNone) {
  for (const char* text :
       {"", "{", "[]", "null", R"({"mode": "drained"})", R"({"mode": "gone", "since_ms": 1})",
        R"({"mode": 1, "since_ms": 1})", R"({"mode": "drained", "since_ms": "today"})"}) {
    EXPECT_FALSE(parse_mode(text)) << text;
  }
}

}  // namespace
}  // namespace haguard::supervisor
