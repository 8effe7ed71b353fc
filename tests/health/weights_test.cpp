// What one failing check leaves of a priority, and whether a peer takes over then.

#include "health/weights.h"

#include <gtest/gtest.h>

namespace haguard::health {
namespace {

Standing passing(const std::string& name, std::optional<int> weight) {
  return {name, weight, Status::Passing, {}};
}

TEST(Weights, NegativeOnesAreTakenOffWhenTheCheckFails) {
  EXPECT_EQ(single_failures(100, {passing("web", -5)}), (std::vector<Fall>{{"web", -5, 100, 95}}));
}

TEST(Weights, PositiveOnesAreLostWhenTheCheckFails) {
  EXPECT_EQ(single_failures(101, {passing("web", 2)}), (std::vector<Fall>{{"web", 2, 103, 101}}));
}

TEST(Weights, OneAtATime) {
  EXPECT_EQ(single_failures(100, {passing("a", -5), passing("b", 10), passing("c", std::nullopt)}),
            (std::vector<Fall>{{"a", -5, 110, 105}, {"b", 10, 110, 100}}));
}

TEST(Weights, WhatFailsAlreadyCannotFall) {
  Standing failing = passing("a", -5);
  failing.status = Status::Failing;
  EXPECT_EQ(single_failures(100, {failing, passing("b", -1)}),
            (std::vector<Fall>{{"b", -1, 95, 94}}));
}

TEST(Weights, TheOwnerNeverFalls) {
  EXPECT_TRUE(single_failures(255, {passing("a", -50)}).empty());
}

TEST(Weights, AFallBelowThePeerIsGood) {
  EXPECT_EQ(flaw_of_weight({"web", -11, 100, 89}, "the peer", 90), std::nullopt);
}

TEST(Weights, AFallThatStaysAboveThePeerIsTold) {
  EXPECT_EQ(flaw_of_weight({"web", -5, 100, 95}, "the peer", 90),
            "weight -5 leaves priority 95, the peer has 90: its failure moves nothing");
}

TEST(Weights, ATieIsDecidedByTheAddress) {
  EXPECT_EQ(flaw_of_weight({"web", -10, 100, 90}, "peer 172.28.1.3", 90),
            "weight -10 leaves priority 90, peer 172.28.1.3 has 90: whether its failure moves "
            "anything, the higher address decides");
}

TEST(Weights, OfTheOneWithTheLowerPriorityNothingIsSaid) {
  EXPECT_EQ(flaw_of_weight({"web", -5, 90, 85}, "the peer", 100), std::nullopt);
}

}  // namespace
}  // namespace haguard::health
