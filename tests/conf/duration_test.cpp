#include "conf/duration.h"

#include <chrono>

#include <gtest/gtest.h>

namespace haguard::conf {
namespace {

using namespace std::chrono_literals;

TEST(ConfDuration, ReadsEveryUnit) {
  EXPECT_EQ(parse_duration("7us"), 7us);
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("1s"), 1s);
  EXPECT_EQ(parse_duration("5m"), 5min);
  EXPECT_EQ(parse_duration("24h"), 24h);
  EXPECT_EQ(parse_duration("0s"), 0s);
}

TEST(ConfDuration, ReadsFractions) {
  EXPECT_EQ(parse_duration("0.5s"), 500ms);
  EXPECT_EQ(parse_duration("40.95s"), 40950ms);
  EXPECT_EQ(parse_duration("1.50m"), 90s);
  EXPECT_EQ(parse_duration("0.000001s"), 1us);
}

TEST(ConfDuration, RefusesPartsOfAMicrosecond) {
  EXPECT_EQ(parse_duration("0.5us"), std::nullopt);
  EXPECT_EQ(parse_duration("0.0000001s"), std::nullopt);
}

TEST(ConfDuration, RefusesWhatIsNotADuration) {
  for (const char* const text : {"", "s", "5", "5 s", " 5s", "5s ", "-5s", "+5s", "5S", "5sec",
                                 ".5s", "5.s", "1.2.3s", "1e3s", "0x5s", "1m30s", "5d"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(ConfDuration, NeverOverflows) {
  EXPECT_EQ(parse_duration("999999999.999999999h"), std::nullopt);  // not whole microseconds
  EXPECT_EQ(parse_duration("999999999h"), Duration(3'599'999'996'400'000'000));
  EXPECT_EQ(parse_duration("1000000000h"), std::nullopt);
  EXPECT_EQ(parse_duration("99999999999999999999999999h"), std::nullopt);
}

TEST(ConfDuration, PrintsTheLargestUnitThatReadsWell) {
  EXPECT_EQ(to_string(Duration(0)), "0s");
  EXPECT_EQ(to_string(7us), "7us");
  EXPECT_EQ(to_string(1500us), "1.5ms");
  EXPECT_EQ(to_string(10ms), "10ms");
  EXPECT_EQ(to_string(40950ms), "40.95s");
  EXPECT_EQ(to_string(255s), "255s");
  EXPECT_EQ(to_string(90min), "5400s");
  EXPECT_EQ(to_string(24h), "24h");
}

}  // namespace
}  // namespace haguard::conf
