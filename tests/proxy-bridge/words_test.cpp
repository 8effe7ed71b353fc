// HAProxy's configuration manual, 2.2 (Quoting and escaping) and 2.3 (Environment variables).

#include "proxy-bridge/words.h"

#include <gtest/gtest.h>

namespace haguard::proxy {
namespace {

using Texts = std::vector<std::string>;

Texts texts(std::string_view line) {
  Texts result;
  for (const Word& word : words_of(line)) {
    result.push_back(word.text);
  }
  return result;
}

TEST(Words, AreSplitAtSpacesAndTabs) {
  EXPECT_EQ(texts("\t  mode \t http  "), (Texts{"mode", "http"}));
  EXPECT_EQ(texts(""), Texts{});
  EXPECT_EQ(texts("mode http\r"), (Texts{"mode", "http"}));
}

TEST(Words, AHashBeginsACommentEvenInsideAWord) {
  EXPECT_EQ(texts("global#this is the global section"), Texts{"global"});
  EXPECT_EQ(texts("daemon#daemonize"), Texts{"daemon"});
  EXPECT_EQ(texts(R"(a\#b "c#d" 'e#f' # g)"), (Texts{"a#b", "c#d", "e#f"}));
}

TEST(Words, TheFiveFormsOfTheManualAreEquivalent) {
  const Texts expected{"log-format", "%{+Q}o %t %s %{-Q}r"};
  EXPECT_EQ(texts(R"(log-format %{+Q}o\ %t\ %s\ %{-Q}r)"), expected);
  EXPECT_EQ(texts(R"(log-format "%{+Q}o %t %s %{-Q}r")"), expected);
  EXPECT_EQ(texts(R"(log-format '%{+Q}o %t %s %{-Q}r')"), expected);
  EXPECT_EQ(texts(R"(log-format "%{+Q}o %t"' %s %{-Q}r')"), expected);
  EXPECT_EQ(texts(R"(log-format "%{+Q}o %t"' %s'\ %{-Q}r)"), expected);
}

/// The matrix of 2.2, row by row.
TEST(Words, EscapesMeanWhatTheMatrixSays) {
  EXPECT_EQ(texts(R"(\	 \x09 "	" "\	" "\x09" '	')"), Texts(6, "\t"));
  EXPECT_EQ(texts(R"(\n \x0a "\n" "\x0a")"), Texts(4, "\n"));
  EXPECT_EQ(texts(R"(\r \x0d "\r" "\x0D")"), Texts(4, "\r"));
  EXPECT_EQ(texts(R"(\  \x20 " " "\ " "\x20" ' ')"), Texts(6, " "));
  EXPECT_EQ(texts(R"(\" \x22 "\"" "\x22" '"')"), Texts(5, "\""));
  EXPECT_EQ(texts(R"($ \$ \x24 "\$" "\x24" '$')"), Texts(6, "$"));
  EXPECT_EQ(texts(R"(\' \x27 "'" "\'" "\x27")"), Texts(5, "'"));
  EXPECT_EQ(texts(R"(\\ \x5c "\\" "\x5c" '\')"), Texts(5, "\\"));
}

TEST(Words, OtherBackslashesStay) {
  EXPECT_EQ(texts(R"(/bar\1 \x4 \xzz)"), (Texts{R"(/bar\1)", R"(\x4)", R"(\xzz)"}));
  EXPECT_EQ(texts("end\\"), Texts{"end\\"});
}

TEST(Words, AnEmptyQuoteIsAWord) {
  EXPECT_EQ(texts(R"(a "" '' b)"), (Texts{"a", "", "", "b"}));
}

TEST(Words, AnOpenQuoteReachesToTheEnd) {
  EXPECT_EQ(texts(R"(a "b c # d)"), (Texts{"a", "b c # d"}));
}

TEST(Words, VariablesInWeakQuotesAreUnresolved) {
  const auto words = words_of(R"(bind "fd@${FD_APP1}" "$X" "${Y-127.0.0.1}:514" "a.$.LINE")");
  ASSERT_EQ(words.size(), 5U);
  EXPECT_FALSE(words[0].unresolved);
  EXPECT_EQ(words[1], (Word{"fd@${FD_APP1}", true}));
  EXPECT_EQ(words[2], (Word{"$X", true}));
  EXPECT_EQ(words[3], (Word{"${Y-127.0.0.1}:514", true}));
  EXPECT_TRUE(words[4].unresolved);
}

TEST(Words, VariablesAreNotEvaluatedElsewhere) {
  for (const Word& word : words_of(R"x(${A} $B '$C' "\$D" "(/|$)" "$")x")) {
    EXPECT_FALSE(word.unresolved) << word.text;
  }
}

TEST(Words, AreAtMostAsManyAsHaproxyTakes) {
  std::string line;
  for (int i = 0; i < 1000; ++i) {
    line += "a ";
  }
  EXPECT_EQ(texts(line).size(), 64U);
}

}  // namespace
}  // namespace haguard::proxy
