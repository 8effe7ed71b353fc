#include "health/verdict.h"

#include <gtest/gtest.h>

namespace haguard::health {
namespace {

TEST(Verdict, IsPendingUntilTheFirstRunIsComplete) {
  Verdict verdict(2, 3);
  EXPECT_EQ(verdict.status(), Status::Pending);
  EXPECT_EQ(verdict.record(true), Change::Pending);
  EXPECT_EQ(verdict.record(true), Change::Changed);
  EXPECT_EQ(verdict.status(), Status::Passing);
}

TEST(Verdict, TheFirstOneMayBeFailing) {
  Verdict verdict(2, 3);
  EXPECT_EQ(verdict.record(false), Change::Pending);
  EXPECT_EQ(verdict.record(false), Change::Pending);
  EXPECT_EQ(verdict.record(false), Change::Changed);
  EXPECT_EQ(verdict.status(), Status::Failing);
}

TEST(Verdict, MixedResultsAtTheStartKeepItPending) {
  Verdict verdict(2, 2);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(verdict.record(i % 2 == 0), Change::Pending);
  }
  EXPECT_EQ(verdict.status(), Status::Pending);
}

TEST(Verdict, ARunThatIsBrokenStartsAnew) {
  Verdict verdict(1, 3);
  EXPECT_EQ(verdict.record(true), Change::Changed);
  EXPECT_EQ(verdict.record(false), Change::Pending);
  EXPECT_EQ(verdict.record(false), Change::Pending);
  EXPECT_EQ(verdict.record(true), Change::Unchanged);
  EXPECT_EQ(verdict.record(false), Change::Pending);
  EXPECT_EQ(verdict.record(false), Change::Pending);
  EXPECT_EQ(verdict.record(false), Change::Changed);
}

TEST(Verdict, RiseCountsOnTheWayBack) {
  Verdict verdict(3, 1);
  EXPECT_EQ(verdict.record(false), Change::Changed);
  EXPECT_EQ(verdict.record(true), Change::Pending);
  EXPECT_EQ(verdict.record(true), Change::Pending);
  EXPECT_EQ(verdict.record(true), Change::Changed);
  EXPECT_EQ(verdict.status(), Status::Passing);
}

TEST(Verdict, AFactFailsItAtOnceAndRecoveryNeedsTheFullRise) {
  Verdict verdict(2, 3);
  EXPECT_EQ(verdict.fail_at_once(), Change::Changed);
  EXPECT_EQ(verdict.fail_at_once(), Change::Unchanged);
  EXPECT_EQ(verdict.status(), Status::Failing);
  EXPECT_EQ(verdict.record(true), Change::Pending);
  EXPECT_EQ(verdict.fail_at_once(), Change::Unchanged);
  EXPECT_EQ(verdict.record(true), Change::Pending);
  EXPECT_EQ(verdict.record(true), Change::Changed);
}

}  // namespace
}  // namespace haguard::health
