// Weights that cannot do what they are for, among them those of published keepalived tutorials.

#include "supervisor/lint.h"

#include "tests/conf/expect.h"

namespace haguard::supervisor {
namespace {

using conf::testing::Lines;
using conf::testing::lines_of;

conf::Parsed parsed(const std::string& text, const std::string& file) {
  auto result = conf::parse(text, file, "host-1");
  if (const auto* problems = std::get_if<conf::Problems>(&result)) {
    for (const std::string& line : lines_of(*problems)) {
      ADD_FAILURE() << line;
    }
    return {};
  }
  return std::get<conf::Parsed>(std::move(result));
}

/// The check is of line 7, its weight in line 11.
std::string node(int priority, const std::string& weight) {
  return conf::testing::instance_with("priority = " + std::to_string(priority) + "\n") +
         "[[check]]\nname = \"web\"\ntype = \"tcp\"\ntarget = \"127.0.0.1:80\"\n" + weight;
}

std::string weight(int value) {
  return "weight = " + std::to_string(value) + "\n";
}

Lines of_pair(const std::string& ours, const std::string& theirs) {
  return lines_of(lint_weights(parsed(ours, "our.toml"), parsed(theirs, "peer.toml")));
}

Lines of_pair(int ours, int theirs, int value) {
  return of_pair(node(ours, weight(value)), node(theirs, weight(value)));
}

TEST(Lint, AWeightBelowTheGap) {
  const Lines told{
      "our.toml:11:10: warning: edge: check \"web\": weight -5 leaves priority 95, the peer has "
      "90: its failure moves nothing; at least -11, or no weight (failure means FAULT)"};
  EXPECT_EQ(of_pair(100, 90, -5), told);
}

TEST(Lint, AWeightOfTheGapIsATie) {
  const Lines told{
      "our.toml:11:10: warning: edge: check \"web\": weight -10 leaves priority 90, the peer has "
      "90: whether its failure moves anything, the higher address decides; at least -11, or no "
      "weight (failure means FAULT)"};
  EXPECT_EQ(of_pair(100, 90, -10), told);
  EXPECT_EQ(of_pair(100, 90, -11), Lines{});
}

/// -2 with a gap of more than 2.
TEST(Lint, ThePublishedMinusTwo) {
  EXPECT_EQ(of_pair(101, 100, -2), Lines{});
  EXPECT_EQ(of_pair(150, 100, -2).size(), 1U);
  EXPECT_EQ(of_pair(150, 100, -20).size(), 1U);
}

/// 2 with 101 and 100: 103 against 102, and 101 against 102 when it fails.
TEST(Lint, ThePublishedPlusTwoWorksWithNeighbours) {
  EXPECT_EQ(of_pair(101, 100, 2), Lines{});
  const Lines told{
      "our.toml:11:10: warning: edge: check \"web\": weight +2 leaves priority 100, the peer has "
      "92: its failure moves nothing; at least -11, or no weight (failure means FAULT)"};
  EXPECT_EQ(of_pair(100, 90, 2), told);
}

/// Meant to be taken off, and written without the minus, on the first machine only.
TEST(Lint, TheWrongSign) {
  const Lines told{
      "our.toml:11:10: warning: edge: check \"web\": weight +20 leaves priority 100, the peer has "
      "90: its failure moves nothing; at least -11, or no weight (failure means FAULT)"};
  EXPECT_EQ(of_pair(node(100, weight(20)), conf::testing::instance_with("priority = 90\n")), told);
}

TEST(Lint, ThePeersWeightsCountWhenItHasTheHigherPriority) {
  const Lines told{
      "peer.toml:11:10: warning: edge: check \"web\": weight -5 leaves priority 95, the peer has "
      "90: its failure moves nothing; at least -11, or no weight (failure means FAULT)"};
  EXPECT_EQ(of_pair(90, 100, -5), told);
}

TEST(Lint, WithoutAWeightNothingIsWrong) {
  EXPECT_EQ(of_pair(node(200, ""), node(100, "")), Lines{});
}

TEST(Lint, NoWeightIsEnoughWhenThePeerIsAtTheLowest) {
  const Lines found = of_pair(100, 1, -253);
  ASSERT_EQ(found.size(), 1U);  // RFC 9568 5.2.4: 1 is the lowest that takes part
  EXPECT_TRUE(found[0].ends_with("no weight would do (failure means FAULT)")) << found[0];
}

TEST(Lint, AWeightDoesNothingForAnOwner) {
  const Lines told{
      "f.toml:11:10: warning: check \"web\": its weight does nothing, as this node owns the "
      "addresses (priority 255) wherever the check counts"};
  EXPECT_EQ(lines_of(lint(parsed(node(255, weight(-50)), "f.toml"))), told);
  EXPECT_EQ(lines_of(lint(parsed(node(254, weight(-50)), "f.toml"))), Lines{});
  EXPECT_EQ(lines_of(lint(parsed(node(255, ""), "f.toml"))), Lines{});
}

}  // namespace
}  // namespace haguard::supervisor
