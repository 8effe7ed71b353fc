#include "conf/keepalived/source.h"

#include <gtest/gtest.h>

#include "conf/keepalived/definitions.h"
#include "conf/keepalived/tree.h"
#include "conf/keepalived/utf8.h"

namespace haguard::conf::keepalived {
namespace {

using Lines = std::vector<std::string>;

std::vector<Included> no_files(const std::string& /*pattern*/) {
  return {};
}

/// "2 interface eth0": what is left, with the numbers of the lines.
Lines lines(std::string_view text, const Includer& includer = no_files) {
  Findings findings;
  Lines result;
  for (const auto& [place, line] : source_lines(text, "/k/a.conf", "proxy-1", includer, findings)) {
    result.push_back(std::to_string(place.line) + " " + line);
  }
  return result;
}

Lines findings(std::string_view text, const Includer& includer = no_files) {
  Findings found;
  static_cast<void>(source_lines(text, "/k/a.conf", "proxy-1", includer, found));
  Lines result;
  for (const Finding& finding : found.take()) {
    result.push_back(finding.to_string());
  }
  return result;
}

TEST(KeepalivedSource, LeavesOutCommentsAndEmptyLines) {
  EXPECT_EQ(lines("! head\n\n  interface eth0 # x\r\npriority 1"),
            (Lines{"3 interface eth0", "4 priority 1"}));
}

TEST(KeepalivedSource, DefinitionsAreReplacedLateAndInEachOther) {
  EXPECT_EQ(lines("$A=x$B\n$B=y\n$A ${A}z $C"), Lines{"3 xy xyz $C"});
}

TEST(KeepalivedSource, ADefinitionMayHaveLines) {
  EXPECT_EQ(lines("$A=x \\\n y\n$A\nz"), (Lines{"3 x", "3 y", "4 z"}));
}

TEST(KeepalivedSource, ADefinitionOfItselfEnds) {
  Definitions definitions;
  definitions.set("A", "$A$A");
  EXPECT_LE(definitions.substitute("$A").size(), std::size_t{1} << 17U);
}

TEST(KeepalivedSource, ADefinitionThatExplodesIsCutOff) {
  Definitions definitions;
  definitions.set("A", std::string(1000, 'a'));
  for (const char name : {'B', 'C', 'D', 'E', 'F', 'G'}) {
    const std::string before = {'$', static_cast<char>(name - 1)};
    definitions.set(std::string(1, name), before + before + before + before + before);
  }
  EXPECT_LE(definitions.substitute("$G").size(), std::size_t{1} << 17U);
}

TEST(KeepalivedSource, DefinitionsDoNotMakeMoreThanAFewMegabytes) {
  std::string text = "$A=" + std::string(60'000, 'a') + "\n";
  for (unsigned i = 0; i < 1000; ++i) {
    text += "$A\n";
  }
  EXPECT_LE(lines(text).size(), 71U);
  EXPECT_EQ(findings(text).size(), 1U);
}

TEST(KeepalivedSource, LinesOfOtherHostsAreLeftOutAndNamed) {
  EXPECT_EQ(lines("@proxy-1 a\n@proxy-2 b\n@^proxy-1 c\n@^proxy-2 d"), (Lines{"1 a", "4 d"}));
  EXPECT_EQ(findings("@proxy-2 b"),
            Lines{"/k/a.conf:1: dropped: the line is for host \"proxy-2\", and this is "
                  "\"proxy-1\""});
}

TEST(KeepalivedSource, IncludesAreRelativeToTheirFile) {
  std::string asked;
  const Includer includer = [&asked](const std::string& pattern) {
    asked = pattern;
    return std::vector<Included>{{"/k/d/b.conf", "priority 1", {}}};
  };
  EXPECT_EQ(lines("include d/*.conf\nx", includer), (Lines{"1 priority 1", "2 x"}));
  EXPECT_EQ(asked, "/k/d/*.conf");
  EXPECT_EQ(lines("include /e/{a,b}", includer).size(), 1U);
  EXPECT_EQ(asked, "/e/{a,b}");
}

TEST(KeepalivedSource, AFileThatIncludesItselfEnds) {
  const Includer includer = [](const std::string& pattern) {
    return std::vector<Included>{{pattern, "include a.conf\ninclude a.conf\nx", {}}};
  };
  EXPECT_LE(lines("include a.conf", includer).size(), 1000U);
  EXPECT_FALSE(findings("include a.conf", includer).empty());
}

TEST(KeepalivedSource, AFileThatCannotBeReadIsNamed) {
  EXPECT_EQ(findings("include b.conf").size(), 1U);
  const Includer includer = [](const std::string& pattern) {
    return std::vector<Included>{{pattern, {}, "Permission denied"}};
  };
  EXPECT_EQ(findings("include b.conf", includer),
            Lines{"/k/a.conf:1: warning: \"/k/b.conf\" is not read: Permission denied"});
}

TEST(KeepalivedSource, FilesOfThisMachineAreFoundInOrder) {
  const std::string cases = HAGUARD_SOURCE_DIR "/tests/conf/keepalived/cases/parts/";
  const auto files = files_of(cases + "{2,1}.inc");
  ASSERT_EQ(files.size(), 2U);
  EXPECT_TRUE(files_of(cases + "no-such-*").empty());
  ASSERT_EQ(files_of(cases).size(), 1U);
  EXPECT_EQ(files_of(cases)[0].failure, "not a regular file");
}

TEST(KeepalivedSource, WhatIsNoUtf8IsReplaced) {
  EXPECT_EQ(as_utf8("a\xc3\xa4\xff\xc3"), "a\xc3\xa4??");
  // Overlong, a surrogate, and beyond the last character (RFC 3629 3 and 10).
  EXPECT_EQ(as_utf8("\xc0\x80"), "??");
  EXPECT_EQ(as_utf8("\xed\xa0\x80"), "???");
  EXPECT_EQ(as_utf8("\xf4\x90\x80\x80"), "????");
  EXPECT_EQ(as_utf8("\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80");
}

TEST(KeepalivedTree, BlocksMayOpenOnTheNextLineAndCloseAnywhere) {
  Findings found;
  const auto source = source_lines("a b\n{\nc { d }\ne }\nf", "x", "h", no_files, found);
  const auto tree = parse_tree(source, found);
  ASSERT_EQ(tree.size(), 2U);
  EXPECT_EQ(tree[0].argument(1), "b");
  ASSERT_EQ(tree[0].block.size(), 2U);
  EXPECT_EQ(tree[0].block[0].block.at(0).keyword(), "d");
  EXPECT_EQ(tree[0].block[1].keyword(), "e");
  EXPECT_EQ(tree[1].place.line, 5U);
  EXPECT_TRUE(found.take().empty());
}

TEST(KeepalivedTree, BracesWithoutEndAreBounded) {
  Findings found;
  const auto source =
      source_lines(std::string(100'000, '{') + std::string(99'999, '}'), "x", "h", no_files, found);
  EXPECT_EQ(parse_tree(source, found).size(), 1U);
}

}  // namespace
}  // namespace haguard::conf::keepalived
