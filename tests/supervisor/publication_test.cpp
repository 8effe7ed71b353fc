#include "supervisor/publication.h"

#include <thread>

#include <gtest/gtest.h>

namespace haguard::supervisor {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

const Instant kStart{hours(1)};

Status named(const char* node) {
  Status status;
  status.node = node;
  return status;
}

TEST(PublicationTest, WithoutALoopThereIsWhatItBeganWith) {
  const Publication publication(named("first"));
  EXPECT_EQ(publication.latest()->node, "first");
  EXPECT_EQ(publication.current()->node, "first");
  EXPECT_EQ(publication.awaited(kStart)->node, "first");
}

TEST(PublicationTest, OnTheLoopsThreadItIsMadeAtOnce) {
  Publication publication(named("first"));
  publication.connect(
      {.refresh = [&] { publication.publish(named("second"), kStart); }, .ask = [] { FAIL(); }});
  EXPECT_EQ(publication.latest()->node, "first");
  EXPECT_EQ(publication.current()->node, "second");
}

TEST(PublicationTest, AnotherThreadWaitsForTheLoop) {
  Publication publication(named("first"));
  std::jthread loop;
  publication.connect({.refresh = {}, .ask = [&] {
                         loop = std::jthread([&] { publication.publish(named("new"), kStart); });
                       }});
  EXPECT_EQ(publication.awaited(kStart)->node, "new");
}

TEST(PublicationTest, WhoeverAsksWithinAMomentGetsTheSame) {
  Publication publication(named("first"));
  int asked = 0;
  publication.connect({.refresh = {}, .ask = [&asked] { ++asked; }});
  publication.publish(named("second"), kStart);
  const auto last = kStart + Publication::kFresh - milliseconds(1);
  EXPECT_EQ(publication.awaited(last)->node, "second");
  EXPECT_EQ(asked, 0);
}

TEST(PublicationTest, ForALoopThatIsHeldUpNobodyWaitsLong) {
  Publication publication(named("first"));
  int asked = 0;
  publication.connect({.refresh = {}, .ask = [&asked] { ++asked; }});
  publication.publish(named("old"), kStart);
  EXPECT_EQ(publication.awaited(kStart + Publication::kFresh)->node, "old");
  EXPECT_EQ(asked, 1);
}

}  // namespace
}  // namespace haguard::supervisor
