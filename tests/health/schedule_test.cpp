#include "health/schedule.h"

#include <gtest/gtest.h>

namespace haguard::health {
namespace {

using namespace std::chrono_literals;
using Probes = std::vector<std::size_t>;

const Instant kStart{1h};

TEST(Schedule, AllStartAtOnceAndAreThenSpreadOverTheInterval) {
  Schedule schedule({{400ms, 100ms}, {400ms, 100ms}}, kStart);
  EXPECT_EQ(schedule.next_deadline(), kStart);
  EXPECT_EQ(schedule.start_due(kStart), (Probes{0, 1}));
  schedule.finished(0, false, kStart + 1ms);
  schedule.finished(1, false, kStart + 1ms);
  // number 1 of 2 is half an interval off
  EXPECT_EQ(schedule.start_due(kStart + 200ms), Probes{1});
  schedule.finished(1, false, kStart + 201ms);
  EXPECT_EQ(schedule.start_due(kStart + 399ms), Probes{});
  EXPECT_EQ(schedule.start_due(kStart + 400ms), Probes{0});
}

TEST(Schedule, AProbeNeverOverlapsItself) {
  Schedule schedule({{100ms, 1s}}, kStart);
  EXPECT_EQ(schedule.start_due(kStart), Probes{0});
  EXPECT_EQ(schedule.start_due(kStart + 500ms), Probes{});
  schedule.finished(0, false, kStart + 550ms);
  // back on the grid, not 100 ms after the late end
  EXPECT_EQ(schedule.next_deadline(), kStart + 600ms);
}

TEST(Schedule, ALateProbeIsReportedUntilItIsFinished) {
  Schedule schedule({{500ms, 250ms}}, kStart);
  EXPECT_EQ(schedule.start_due(kStart), Probes{0});
  EXPECT_EQ(schedule.next_deadline(), kStart + 250ms);
  EXPECT_EQ(schedule.expired(kStart + 249ms), Probes{});
  EXPECT_EQ(schedule.expired(kStart + 250ms), Probes{0});
  EXPECT_TRUE(schedule.running(0));
  schedule.finished(0, false, kStart + 250ms);
  EXPECT_FALSE(schedule.running(0));
  EXPECT_EQ(schedule.expired(kStart + 300ms), Probes{});
}

TEST(Schedule, AtAnEdgeItAsksFourTimesAsOften) {
  Schedule schedule({{400ms, 100ms}}, kStart);
  EXPECT_EQ(schedule.start_due(kStart), Probes{0});
  schedule.finished(0, true, kStart + 10ms);
  EXPECT_EQ(schedule.next_deadline(), kStart + 110ms);
}

TEST(Schedule, NothingToDoHasNoDeadline) {
  const Schedule schedule({}, kStart);
  EXPECT_EQ(schedule.next_deadline(), kNever);
}

}  // namespace
}  // namespace haguard::health
