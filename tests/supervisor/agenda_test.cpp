#include "supervisor/agenda.h"

#include <vector>

#include <gtest/gtest.h>

namespace haguard::supervisor {
namespace {

using std::chrono::seconds;

Instant at(int second) {
  return Instant{} + seconds(second);
}

std::vector<std::size_t> due(const Agenda& agenda, Instant now) {
  std::vector<std::size_t> found;
  agenda.collect(now, found);
  return found;
}

TEST(AgendaTest, NobodyHasAnythingToDoAtFirst) {
  EXPECT_EQ(Agenda(0).next_deadline(), kNever);
  EXPECT_EQ(Agenda(3).next_deadline(), kNever);
  EXPECT_TRUE(due(Agenda(3), at(1'000'000)).empty());
}

TEST(AgendaTest, ThoseWhoseTimeHasComeTheEarliestFirst) {
  Agenda agenda(4);
  agenda.set(0, at(30));
  agenda.set(1, at(10));
  agenda.set(3, at(20));
  EXPECT_EQ(agenda.next_deadline(), at(10));
  EXPECT_TRUE(due(agenda, at(9)).empty());
  EXPECT_EQ(due(agenda, at(20)), (std::vector<std::size_t>{1, 3}));
  EXPECT_EQ(due(agenda, at(30)), (std::vector<std::size_t>{1, 3, 0}));
}

TEST(AgendaTest, TwoMayHaveTheSameDeadline) {
  Agenda agenda(3);
  agenda.set(2, at(5));
  agenda.set(1, at(5));
  EXPECT_EQ(due(agenda, at(5)), (std::vector<std::size_t>{1, 2}));
  agenda.set(1, kNever);
  EXPECT_EQ(due(agenda, at(5)), (std::vector<std::size_t>{2}));
}

TEST(AgendaTest, ADeadlineMayComeNearerAndGo) {
  Agenda agenda(2);
  agenda.set(0, at(10));
  agenda.set(1, at(20));
  agenda.set(1, at(5));
  EXPECT_EQ(agenda.next_deadline(), at(5));
  agenda.set(1, kNever);
  EXPECT_EQ(agenda.next_deadline(), at(10));
  agenda.set(0, kNever);
  EXPECT_EQ(agenda.next_deadline(), kNever);
}

}  // namespace
}  // namespace haguard::supervisor
