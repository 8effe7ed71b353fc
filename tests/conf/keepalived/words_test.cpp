#include "conf/keepalived/words.h"

#include <gtest/gtest.h>

namespace haguard::conf::keepalived {
namespace {

using Words = std::vector<std::string>;

/// Braces as themselves.
Words words(std::string_view line) {
  Words result;
  for (const Token& token : split(line).tokens) {
    result.push_back(token.kind == Token::Kind::Open    ? "{"
                     : token.kind == Token::Kind::Close ? "}"
                                                        : token.text);
  }
  return result;
}

TEST(KeepalivedWords, AreSplitAtBlanksAndBraces) {
  EXPECT_EQ(words("vrrp_instance VI_1 {"), (Words{"vrrp_instance", "VI_1", "{"}));
  EXPECT_EQ(words("group{A\tB}\r"), (Words{"group", "{", "A", "B", "}"}));
  EXPECT_EQ(words(""), Words{});
}

TEST(KeepalivedWords, QuotesHoldBlanksAndBraces) {
  EXPECT_EQ(words("script \"a b\" 'c {'"), (Words{"script", "a b", "c {"}));
  EXPECT_TRUE(split("script \"a b\"").tokens.at(1).quoted);
  EXPECT_FALSE(split("script a").tokens.at(1).quoted);
  EXPECT_EQ(words("''"), Words{""});
}

TEST(KeepalivedWords, EscapesInQuotesAreThoseOfC) {
  EXPECT_EQ(words(R"("a\"b\\c\td")"), Words{"a\"b\\c\td"});
  EXPECT_EQ(words(R"("\x41\101\e")"), Words{"AA\x1b"});
  EXPECT_EQ(words(R"("\.")"), Words{"."});
}

TEST(KeepalivedWords, AnEscapeIsNeverHalfACharacterNorTheEndOfAString) {
  EXPECT_EQ(words(R"("\xff\x00\x")"), Words{"???"});
}

TEST(KeepalivedWords, AnUndefinedReferenceStaysInOnePiece) {
  EXPECT_EQ(words("priority ${PRIO}"), (Words{"priority", "${PRIO}"}));
  EXPECT_EQ(words("a ${ b"), (Words{"a", "$", "{", "b"}));
}

TEST(KeepalivedWords, AQuoteThatIsOpenEndsWithTheLine) {
  EXPECT_TRUE(split("interface \"eth0").unterminated);
  EXPECT_EQ(words("interface \"eth0"), (Words{"interface", "eth0"}));
  EXPECT_FALSE(split("interface \"eth0\"").unterminated);
}

TEST(KeepalivedComment, BeginsWithEitherCharacterAnywhere) {
  EXPECT_EQ(without_comment("priority 100#x"), "priority 100");
  EXPECT_EQ(without_comment("priority 100 ! x"), "priority 100 ");
  EXPECT_EQ(without_comment("# x"), "");
}

TEST(KeepalivedComment, DoesNotBeginInQuotesNorBehindABackslash) {
  EXPECT_EQ(without_comment(R"(auth_pass "a#b!" # c)"), R"(auth_pass "a#b!" )");
  EXPECT_EQ(without_comment(R"(auth_pass a\#b)"), R"(auth_pass a\#b)");
  EXPECT_EQ(words(R"(auth_pass a\#b)"), (Words{"auth_pass", "a#b"}));
  EXPECT_EQ(without_comment(R"("a\"#")"), R"("a\"#")");
}

TEST(KeepalivedCommand, IsSplitAsAShellWouldDoIt) {
  EXPECT_EQ(command_words("/bin/check -n 'two words' \"three\"x"),
            (Words{"/bin/check", "-n", "two words", "threex"}));
  EXPECT_EQ(command_words("  "), Words{});
}

}  // namespace
}  // namespace haguard::conf::keepalived
