// Lines out of whatever a program prints.

#include "proxy-bridge/printed_lines.h"

#include <gtest/gtest.h>

namespace haguard::proxy {
namespace {

using Lines = std::vector<std::string>;

TEST(PrintedLines, ALineMayComeInPieces) {
  PrintedLines lines;
  EXPECT_EQ(lines.add("[NOTICE] New wor"), Lines{});
  EXPECT_EQ(lines.add("ker\n[NOTICE] Load"), Lines{"[NOTICE] New worker"});
  EXPECT_EQ(lines.finish(), Lines{"[NOTICE] Load"});
  EXPECT_EQ(lines.finish(), Lines{});
}

TEST(PrintedLines, EmptyOnesAndSpaceAtTheEndAreLeftOut) {
  PrintedLines lines;
  EXPECT_EQ(lines.add("\n \r\none \r\n\ntwo\n"), (Lines{"one", "two"}));
}

TEST(PrintedLines, AreFitForATerminal) {
  PrintedLines lines;
  const Lines found = lines.add(std::string("a\x1b[2Jb\0c\n", 9));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].find('\x1b'), std::string::npos);
  EXPECT_EQ(found[0].find('\0'), std::string::npos);
}

TEST(PrintedLines, AFloodWithoutALineEndIsBounded) {
  PrintedLines lines;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(lines.add(std::string(1000, 'x')), Lines{});
  }
  const Lines found = lines.add("\nnext\n");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_LE(found[0].size(), PrintedLines::kLongest + 4);
  EXPECT_EQ(found[1], "next");
}

}  // namespace
}  // namespace haguard::proxy
