#include "proxy-bridge/kept_output.h"

#include <gtest/gtest.h>

namespace haguard::proxy {
namespace {

TEST(KeptOutput, IsWholeWhenThereIsRoom) {
  KeptOutput output(3, 4);
  output.add("ab");
  output.add("cdefg");
  EXPECT_EQ(output.take(), "abcdefg");
  EXPECT_EQ(output.take(), "");
}

TEST(KeptOutput, WhatIsMissingIsBetweenBeginningAndEnd) {
  KeptOutput output(3, 4);
  output.add("abcdefgh");
  EXPECT_EQ(output.take(), "abc\n[...]\nefgh");
}

TEST(KeptOutput, TheSizeOfThePiecesDoesNotMatter) {
  KeptOutput output(3, 4);
  for (char c = 'a'; c <= 'z'; ++c) {
    output.add(std::string(1, c));
  }
  EXPECT_EQ(output.take(), "abc\n[...]\nwxyz");
}

TEST(KeptOutput, OnlyTheBeginningWhenNoEndIsWanted) {
  KeptOutput output(3);
  output.add("abc");
  output.add("d");
  EXPECT_EQ(output.take(), "abc\n[...]\n");
}

}  // namespace
}  // namespace haguard::proxy
