#include "health/priority.h"

#include <random>

#include <gtest/gtest.h>

namespace haguard::health {
namespace {

using enum Status;

TEST(Priority, NegativeWeightsCountWhileFailing) {
  EXPECT_EQ(assess(100, {{"web", -50, Passing, ""}}).effective, 100);
  const Fitness fitness = assess(100, {{"web", -50, Failing, "503"}});
  EXPECT_EQ(fitness.effective, 50);
  EXPECT_EQ(fitness.fault, std::nullopt);
  EXPECT_EQ(fitness.adjustments, (std::vector<Adjustment>{{"web", -50}}));
}

TEST(Priority, PositiveWeightsCountWhilePassing) {
  EXPECT_EQ(assess(100, {{"web", 2, Failing, ""}}).effective, 100);
  EXPECT_EQ(assess(100, {{"web", 2, Pending, ""}}).effective, 100);
  const Fitness fitness = assess(100, {{"web", 2, Passing, ""}});
  EXPECT_EQ(fitness.effective, 102);
  EXPECT_EQ(fitness.adjustments, (std::vector<Adjustment>{{"web", 2}}));
}

TEST(Priority, SeveralWeightsAddUpWithinTheRange) {
  EXPECT_EQ(assess(100, {{"a", -20, Failing, ""}, {"b", -30, Failing, ""}}).effective, 50);
  EXPECT_EQ(assess(100, {{"a", -253, Failing, ""}}).effective, 1);
  EXPECT_EQ(assess(100, {{"a", 253, Passing, ""}}).effective, 254);
}

TEST(Priority, AnOwnerKeepsHis255) {
  const Fitness fitness = assess(255, {{"a", -100, Failing, ""}});
  EXPECT_EQ(fitness.effective, 255);
  EXPECT_EQ(fitness.adjustments, (std::vector<Adjustment>{}));
}

TEST(Priority, WithoutWeightAFailureIsAFault) {
  const Fitness fitness = assess(100, {{"a", {}, Passing, ""}, {"web", {}, Failing, "refused"}});
  EXPECT_EQ(fitness.effective, 100);
  EXPECT_EQ(fitness.fault, "web: refused");
  // also for an owner: who cannot serve must not hold the address
  EXPECT_EQ(assess(255, {{"web", {}, Failing, ""}}).fault, "web");
}

TEST(Priority, IsPendingWhileAnyCheckIs) {
  EXPECT_TRUE(assess(100, {{"a", {}, Passing, ""}, {"b", -1, Pending, ""}}).pending);
  EXPECT_FALSE(assess(100, {{"a", {}, Failing, ""}}).pending);
  EXPECT_FALSE(assess(100, {}).pending);
}

TEST(Priority, IsNeverOutOfRangeAndNeverRisesWhenACheckFails) {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    std::vector<Standing> checks;
    for (auto i = random() % 6; i > 0; --i) {
      const int weight = static_cast<int>(random() % 507) - 253;
      checks.push_back({"c", weight, random() % 2 == 0 ? Passing : Failing, ""});
    }
    const int configured = 1 + static_cast<int>(random() % 254);
    const int before = assess(configured, checks).effective;
    EXPECT_GE(before, 1);
    EXPECT_LE(before, 254);
    for (Standing& check : checks) {
      check.status = Failing;
      EXPECT_LE(assess(configured, checks).effective, before);
    }
  }
}

}  // namespace
}  // namespace haguard::health
