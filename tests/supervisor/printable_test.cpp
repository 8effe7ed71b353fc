#include "supervisor/printable.h"

#include <string>

#include <gtest/gtest.h>

namespace haguard::supervisor {
namespace {

TEST(Printable, LeavesTextAlone) {
  EXPECT_EQ(printable("check web: \"no\" \\ 5 µs …"), "check web: \"no\" \\ 5 µs …");
  EXPECT_EQ(printable(""), "");
}

TEST(Printable, ShowsControlCharacters) {
  EXPECT_EQ(printable("one\ntwo\r\t\x1b[2J\x7f"), "one\\x0atwo\\x0d\\x09\\x1b[2J\\x7f");
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\x00b");
  // U+009B, the one-character form of ESC [.
  EXPECT_EQ(printable("\xc2\x9b"
                      "2J"),
            "\\x9b2J");
}

TEST(Printable, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(printable("a\xff"
                      "b"),
            "a\xef\xbf\xbd"
            "b");
  // Cut short, at the end and in the middle: what follows survives.
  EXPECT_EQ(printable("\xe2\x82"), "\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(printable("\xe2"
                      "ab"),
            "\xef\xbf\xbd"
            "ab");
  // A control character hidden behind a lead byte is still shown.
  EXPECT_EQ(printable("\xe2\x1b[2J"), "\xef\xbf\xbd\\x1b[2J");
}

}  // namespace
}  // namespace haguard::supervisor
