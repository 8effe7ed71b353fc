#include "supervisor/check_history.h"

#include <gtest/gtest.h>

namespace haguard::supervisor {
namespace {

using health::Status;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const Instant kStart{hours(10)};

TEST(CheckHistory, ADaemonYoungerThanAnHourShowsAllOfItsLife) {
  CheckHistory history;
  history.changed(Status::Pending, kStart);
  history.changed(Status::Passing, kStart + seconds(1));
  const auto window = history.window(kStart + minutes(5));
  ASSERT_EQ(window.size(), 2U);
  EXPECT_EQ(window[0].at, kStart);
  EXPECT_EQ(window[0].to, Status::Pending);
  EXPECT_EQ(window[1].at, kStart + seconds(1));
  EXPECT_EQ(window[1].to, Status::Passing);
}

TEST(CheckHistory, TheFirstIsTheVerdictAtTheStartOfTheHour) {
  CheckHistory history;
  history.changed(Status::Pending, kStart);
  history.changed(Status::Passing, kStart + seconds(1));
  history.changed(Status::Failing, kStart + minutes(50));
  const auto window = history.window(kStart + minutes(90));
  ASSERT_EQ(window.size(), 2U);
  EXPECT_EQ(window[0].at, kStart + minutes(30));
  EXPECT_EQ(window[0].to, Status::Passing);
  EXPECT_EQ(window[1].at, kStart + minutes(50));
  EXPECT_EQ(window[1].to, Status::Failing);
}

TEST(CheckHistory, AVerdictThatHoldsForLongFillsTheHour) {
  CheckHistory history;
  history.changed(Status::Passing, kStart);
  const auto window = history.window(kStart + hours(48));
  ASSERT_EQ(window.size(), 1U);
  EXPECT_EQ(window[0].at, kStart + hours(47));
  EXPECT_EQ(window[0].to, Status::Passing);
}

TEST(CheckHistory, WhatIsOlderThanAnHourDoesNotCrowdOutTheHour) {
  CheckHistory history;
  for (int i = 0; i < 119; ++i) {
    history.changed(i % 2 == 0 ? Status::Passing : Status::Failing, kStart + seconds(i));
  }
  history.changed(Status::Failing, kStart + hours(2));
  history.changed(Status::Passing, kStart + hours(2) + seconds(1));
  const auto window = history.window(kStart + hours(2) + seconds(2));
  ASSERT_EQ(window.size(), 3U);
  EXPECT_EQ(window[0].at, kStart + hours(1) + seconds(2));
  EXPECT_EQ(window[0].to, Status::Passing);  // the 119th
}

TEST(CheckHistory, IsBoundedForACheckThatFlaps) {
  CheckHistory history;
  for (int i = 0; i < 1000; ++i) {
    history.changed(i % 2 == 0 ? Status::Passing : Status::Failing, kStart + seconds(i));
  }
  const auto window = history.window(kStart + seconds(1000));
  ASSERT_EQ(window.size(), 120U);
  EXPECT_EQ(window.front().at, kStart + seconds(880));
  EXPECT_EQ(window.back().at, kStart + seconds(999));
}

TEST(CheckHistory, WithoutAChangeThereIsNothing) {
  EXPECT_TRUE(CheckHistory().window(kStart).empty());
}

}  // namespace
}  // namespace haguard::supervisor
