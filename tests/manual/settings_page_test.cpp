// haguard.toml(5) says what the file as installed says.

#include "packaging/manual/settings_page.h"

#include <gtest/gtest.h>

namespace haguard::manual::testing {
namespace {

TEST(SettingsPage, ASettingIsATermAndItsCommentIsTheText) {
  EXPECT_EQ(settings("key = 1                 # what it is,\n"
                     "                        # and more of it\n"),
            ".TP\n\\fBkey\\fR = 1\nwhat it is, and more of it\n");
}

TEST(SettingsPage, ACommentedSettingIsOneToo) {
  EXPECT_EQ(settings("#name = \"a # b\"  # text\n"), ".TP\n\\fBname\\fR = \"a # b\"\ntext\n");
}

TEST(SettingsPage, ASettingWithoutATextIsOneAllTheSame) {
  EXPECT_EQ(settings("#lease = \"auto\"\n"), ".TP\n\\fBlease\\fR = \"auto\"\n\\&\n");
}

TEST(SettingsPage, ProseIsAParagraphExceptAfterAHeadingWhichMakesOne) {
  EXPECT_EQ(settings("# ---- health ----\n\n# One\n# paragraph.\n\n# Another.\n"),
            ".SH \"HEALTH\"\nOne paragraph.\n.PP\nAnother.\n");
}

TEST(SettingsPage, TablesAreHeadings) {
  EXPECT_EQ(settings("[vrrp]   # of all\n#[[check]]\n"),
            ".SS \"[vrrp]\"\nof all\n.SS \"[[check]]\"\n");
}

// man(7): a line that begins with a dot or an apostrophe is a request, a backslash begins an
// escape, and an unescaped minus may become a hyphen.
TEST(SettingsPage, WhatMeansSomethingToRoffIsEscaped) {
  EXPECT_EQ(settings("# .TH 'x' \\n -c\n"), ".PP\n\\&.TH 'x' \\en \\-c\n");
}

}  // namespace
}  // namespace haguard::manual::testing
