#include "tests/conf/expect.h"

namespace haguard::conf::testing {
namespace {

using namespace std::chrono_literals;

TEST(ConfInstances, DefaultsAreThoseOfTheContract) {
  const Instance instance = only_instance("");
  EXPECT_EQ(instance.name, "edge");
  EXPECT_EQ(instance.interface, "etx2");
  EXPECT_EQ(instance.version, Version::V3);
  EXPECT_EQ(instance.virtual_router_id, 51);
  EXPECT_EQ(instance.priority, 100);
  EXPECT_EQ(instance.advertisement_interval, 1s);
  EXPECT_TRUE(instance.preempt);
  EXPECT_FALSE(instance.unicast);
  EXPECT_FALSE(instance.password);
  EXPECT_EQ(instance.checksum, Checksum::Auto);
  EXPECT_EQ(instance.down_adverts, 3);
  EXPECT_EQ(instance.garp.schedule, (std::vector<Duration>{0ms, 20ms, 100ms, 500ms, 1s, 2s, 5s}));
  EXPECT_EQ(instance.garp.refresh, 60s);
  EXPECT_TRUE(instance.fast_abdication);
  EXPECT_FALSE(instance.checks);
}

TEST(ConfInstances, EveryKeyIsRead) {
  const Instance instance = only_instance(R"(version = 3
priority = 254
advertisement_interval = "10ms"
preempt = false
checksum = "rfc9568"
down_adverts = 100
garp = { schedule = ["0s", "1h"], refresh = "1s" }
fast_abdication = false
checks = ["haproxy"]
)");
  EXPECT_EQ(instance.priority, 254);
  EXPECT_EQ(instance.advertisement_interval, 10ms);
  EXPECT_FALSE(instance.preempt);
  EXPECT_EQ(instance.checksum, Checksum::Rfc9568);
  EXPECT_EQ(instance.down_adverts, 100);
  EXPECT_EQ(instance.garp.schedule, (std::vector<Duration>{0s, 1h}));
  EXPECT_EQ(instance.garp.refresh, 1s);
  EXPECT_FALSE(instance.fast_abdication);
  EXPECT_EQ(instance.checks, std::vector<std::string>{"haproxy"});
}

TEST(ConfInstances, VrrpHoldsDefaultsThatAnInstanceMayOverride) {
  const Config config = valid(R"([vrrp]
version = 2
advertisement_interval = "2s"
[[vrrp.instance]]
name = "a"
interface = "etx2"
virtual_router_id = 1
virtual_addresses = ["10.0.0.1"]
[[vrrp.instance]]
name = "b"
interface = "etx2"
virtual_router_id = 2
virtual_addresses = ["10.0.0.2"]
version = 3
advertisement_interval = "40.95s"
)");
  ASSERT_EQ(config.instances.size(), 2U);
  EXPECT_EQ(config.instances[0].version, Version::V2);
  EXPECT_EQ(config.instances[0].advertisement_interval, 2s);
  EXPECT_EQ(config.instances[1].version, Version::V3);
  EXPECT_EQ(config.instances[1].advertisement_interval, 40950ms);
}

TEST(ConfInstances, VersionIsTwoOrThree) {
  EXPECT_EQ(problems(instance_with("version = 4\n")),
            Lines{"f.toml:6:11: error: vrrp.instance.version: expected 2 or 3, got 4"});
  EXPECT_EQ(problems("[vrrp]\nversion = 1\n" + instance_with("")),
            Lines{"f.toml:2:11: error: vrrp.version: expected 2 or 3, got 1"});
}

TEST(ConfInstances, Version3CountsCentiseconds) {
  for (const char* const interval : {"0s", "9ms", "15ms", "40.96s", "41s"}) {
    EXPECT_EQ(
        problems(instance_with("advertisement_interval = \"" + std::string(interval) + "\"\n")),
        Lines{"f.toml:6:26: error: vrrp.instance.advertisement_interval: expected 10ms to 40.95s "
              "in steps of 10ms (version 3), got \"" +
              std::string(interval) + "\""});
  }
}

TEST(ConfInstances, Version2CountsSeconds) {
  for (const char* const interval : {"100ms", "1.5s", "256s"}) {
    EXPECT_EQ(problems(instance_with("version = 2\nadvertisement_interval = \"" +
                                     std::string(interval) + "\"\n")),
              Lines{"f.toml:7:26: error: vrrp.instance.advertisement_interval: expected 1s to "
                    "255s in whole seconds (version 2), got \"" +
                    std::string(interval) + "\""});
  }
  EXPECT_EQ(
      only_instance("version = 2\nadvertisement_interval = \"255s\"\n").advertisement_interval,
      255s);
}

TEST(ConfInstances, ADefaultIntervalThatDoesNotFitIsToldOnceWhereItStands) {
  EXPECT_EQ(problems(R"([vrrp]
advertisement_interval = "100ms"
[[vrrp.instance]]
name = "a"
interface = "etx2"
virtual_router_id = 1
virtual_addresses = ["10.0.0.1"]
version = 2
[[vrrp.instance]]
name = "b"
interface = "etx2"
virtual_router_id = 2
virtual_addresses = ["10.0.0.2"]
version = 2
)"),
            Lines{"f.toml:2:26: error: vrrp.advertisement_interval: expected 1s to 255s in whole "
                  "seconds (version 2), got \"100ms\""});
}

TEST(ConfInstances, NumbersHaveRanges) {
  EXPECT_EQ(problems(R"([[vrrp.instance]]
name = "edge"
interface = "etx2"
virtual_router_id = 256
virtual_addresses = ["172.28.1.254"]
priority = 256
down_adverts = 0
)"),
            (Lines{
                "f.toml:4:21: error: vrrp.instance.virtual_router_id: expected an integer from 1 "
                "to 255, got 256",
                "f.toml:6:12: error: vrrp.instance.priority: expected an integer from 1 to 255, "
                "got 256",
                "f.toml:7:16: error: vrrp.instance.down_adverts: expected an integer from 1 to "
                "100, got 0",
            }));
  EXPECT_EQ(problems(instance_with("priority = 9223372036854775807\ndown_adverts = 101\n")),
            (Lines{
                "f.toml:6:12: error: vrrp.instance.priority: expected an integer from 1 to 255, "
                "got 9223372036854775807",
                "f.toml:7:16: error: vrrp.instance.down_adverts: expected an integer from 1 to "
                "100, got 101",
            }));
}

TEST(ConfInstances, NamesAndInterfacesAreChecked) {
  EXPECT_EQ(problems(R"([[vrrp.instance]]
name = ""
interface = "sixteen-bytes-00"
virtual_router_id = 1
virtual_addresses = ["10.0.0.1"]
[[vrrp.instance]]
name = "a/b"
interface = "a/b"
virtual_router_id = 1
virtual_addresses = ["10.0.0.1"]
[[vrrp.instance]]
name = "ä"
interface = "a b"
virtual_router_id = 1
virtual_addresses = ["10.0.0.1"]
)"),
            (Lines{
                "f.toml:2:8: error: vrrp.instance.name: expected 1 to 64 letters, digits or "
                "\"_.-\", got \"\"",
                "f.toml:3:13: error: vrrp.instance.interface: expected an interface name of 1 to "
                "15 bytes without \"/\" and spaces, got \"sixteen-bytes-00\"",
                "f.toml:7:8: error: vrrp.instance.name: expected 1 to 64 letters, digits or "
                "\"_.-\", got \"a/b\"",
                "f.toml:8:13: error: vrrp.instance.interface: expected an interface name of 1 to "
                "15 bytes without \"/\" and spaces, got \"a/b\"",
                "f.toml:12:8: error: vrrp.instance.name: expected 1 to 64 letters, digits or "
                "\"_.-\", got \"ä\"",
                "f.toml:13:13: error: vrrp.instance.interface: expected an interface name of 1 to "
                "15 bytes without \"/\" and spaces, got \"a b\"",
            }));
}

TEST(ConfInstances, NamesAndVirtualRoutersAreUnique) {
  const std::string second = R"([[vrrp.instance]]
name = "edge"
interface = "etx2"
virtual_router_id = 51
virtual_addresses = ["172.28.1.253"]
)";
  EXPECT_EQ(problems(instance_with(second)),
            (Lines{
                "f.toml:7:8: error: vrrp.instance.name: \"edge\" is also the instance of line 2",
                "f.toml:9:21: error: vrrp.instance.virtual_router_id: 51 on \"etx2\" is also the "
                "ipv4 virtual router of line 4",
            }));
}

TEST(ConfInstances, TheSameVirtualRouterOnAnotherInterfaceIsAnother) {
  EXPECT_EQ(valid(instance_with(R"([[vrrp.instance]]
name = "inner"
interface = "etx1"
virtual_router_id = 51
virtual_addresses = ["10.0.0.1"]
)"))
                .instances.size(),
            2U);
}

TEST(ConfInstances, AnnouncementsAscend) {
  EXPECT_EQ(problems(instance_with("garp = { schedule = [\"0s\", \"1s\", \"1000ms\", \"2s\"] }\n")),
            Lines{"f.toml:6:34: error: vrrp.instance.garp.schedule: expected a longer time than "
                  "the one before it, 1s, got \"1000ms\""});
  EXPECT_EQ(problems(instance_with("garp = { schedule = [\"3601s\"] }\n")),
            Lines{"f.toml:6:22: error: vrrp.instance.garp.schedule: expected 0s to 1h, got "
                  "\"3601s\""});
}

TEST(ConfInstances, AnnouncementsAreLimited) {
  std::string times;
  for (int i = 0; i < 33; ++i) {
    times += "\"" + std::to_string(i) + "ms\",";
  }
  EXPECT_EQ(problems(instance_with("garp = { schedule = [" + times + "] }\n")),
            Lines{"f.toml:6:21: error: vrrp.instance.garp.schedule: expected at most 32 entries, "
                  "got 33"});
}

TEST(ConfInstances, AnnouncementsAreRefreshedEachSecondAtMost) {
  EXPECT_EQ(only_instance("garp = { refresh = \"0s\" }\n").garp.refresh, 0s);
  EXPECT_EQ(only_instance("garp = { refresh = \"0s\" }\n").garp.schedule.size(), 7U);
  EXPECT_EQ(problems(instance_with("garp = { refresh = \"999ms\" }\n")),
            Lines{"f.toml:6:20: error: vrrp.instance.garp.refresh: expected \"0s\" for none, or at "
                  "least 1s, got \"999ms\""});
}

TEST(ConfInstances, NoDurationIsLongerThanADay) {
  EXPECT_EQ(problems(instance_with("garp = { refresh = \"25h\" }\n")),
            Lines{"f.toml:6:20: error: vrrp.instance.garp.refresh: expected at most 24h, got "
                  "\"25h\""});
}

TEST(ConfInstances, ChecksumsAreForVersion3) {
  EXPECT_EQ(only_instance("checksum = \"rfc5798\"\n").checksum, Checksum::Rfc5798);
  EXPECT_EQ(only_instance("version = 2\nchecksum = \"auto\"\n").checksum, Checksum::Auto);
  EXPECT_EQ(problems(instance_with("version = 2\nchecksum = \"rfc9568\"\n")),
            Lines{"f.toml:7:12: error: vrrp.instance.checksum: expected \"auto\", the only one "
                  "that version 2 has, got \"rfc9568\""});
}

TEST(ConfInstances, ChecksThatCountMustExist) {
  EXPECT_EQ(problems(instance_with("checks = [\"haproxy\", \"web\", \"haproxy\"]\n")),
            (Lines{"f.toml:6:22: error: vrrp.instance.checks: there is no check \"web\"",
                   "f.toml:6:29: error: vrrp.instance.checks: listed twice"}));
  EXPECT_EQ(problems(instance_with("checks = [\"haproxy\"]\n[haproxy]\nmode = \"none\"\n")),
            Lines{"f.toml:6:11: error: vrrp.instance.checks: there is no check \"haproxy\""});
}

TEST(ConfInstances, AnEmptyListOfChecksStandsForAll) {
  EXPECT_FALSE(only_instance("checks = []\n").checks);
}

TEST(ConfInstances, WhatAsksForNothingIsTaken) {
  EXPECT_EQ(problems(instance_with(R"(preempt_delay = "0s"
startup_delay = "0ms"
excluded_addresses = []
use_virtual_mac = false
lease = "off"
sync_group = ""
)")),
            Lines{});
}

}  // namespace
}  // namespace haguard::conf::testing
