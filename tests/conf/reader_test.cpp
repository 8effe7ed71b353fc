// Types, unknown keys and missing keys, told with positions.

#include "conf/reader.h"

#include "tests/conf/expect.h"

namespace haguard::conf::testing {
namespace {

TEST(ConfReader, UnknownKeysAreErrorsWithASuggestion) {
  EXPECT_EQ(problems(instance_with("  prioritty = 100\n")),
            Lines{"f.toml:6:3: error: vrrp.instance: unknown key \"prioritty\", did you mean "
                  "\"priority\"?"});
  EXPECT_EQ(problems(instance_with("[logs]\nlevel = \"info\"\n")),
            Lines{"f.toml:6:2: error: unknown key \"logs\", did you mean \"log\"?"});
  EXPECT_EQ(problems(instance_with("[haproxy]\nhnag_timeout = \"1s\"\n")),
            Lines{"f.toml:7:1: error: haproxy: unknown key \"hnag_timeout\", did you mean "
                  "\"hang_timeout\"?"});
}

TEST(ConfReader, AFarKeyGetsNoSuggestion) {
  EXPECT_EQ(problems(instance_with("[log]\nauth_pass = \"x\"\n")),
            Lines{"f.toml:7:1: error: log: unknown key \"auth_pass\""});
}

TEST(ConfReader, UnknownKeysAreFoundInInlineTables) {
  EXPECT_EQ(problems(instance_with("garp = { refres = \"60s\" }\n")),
            Lines{"f.toml:6:10: error: vrrp.instance.garp: unknown key \"refres\", did you mean "
                  "\"refresh\"?"});
}

TEST(ConfReader, OddKeysAreShownShortAndPrintable) {
  const auto lines = problems(instance_with("\"a\\nb\" = 1\n" + std::string(500, 'k') + " = 1\n"));
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0], "f.toml:6:1: error: vrrp.instance: unknown key \"a\\x0ab\"");
  EXPECT_EQ(lines[1],
            "f.toml:7:1: error: vrrp.instance: unknown key \"" + std::string(120, 'k') + "…\"");
}

TEST(ConfReader, WrongTypesAreNamed) {
  EXPECT_EQ(problems(instance_with(R"(advertisement_interval = 5
priority = "100"
preempt = 1
down_adverts = 3.5
garp = "x"
checks = true
checksum = 1979-05-27
unicast = []
)")),
            (Lines{
                "f.toml:6:26: error: vrrp.instance.advertisement_interval: expected a string with "
                "a unit such as \"250ms\", got integer 5",
                "f.toml:7:12: error: vrrp.instance.priority: expected an integer from 1 to 255, "
                "got string \"100\"",
                "f.toml:8:11: error: vrrp.instance.preempt: expected true or false, got integer 1",
                "f.toml:9:16: error: vrrp.instance.down_adverts: expected an integer from 1 to "
                "100, got float 3.5",
                "f.toml:10:8: error: vrrp.instance.garp: expected a table, got string",
                "f.toml:11:10: error: vrrp.instance.checks: expected an array, got boolean true",
                "f.toml:12:12: error: vrrp.instance.checksum: expected one of \"auto\", "
                "\"rfc5798\", \"rfc9568\", got a date or time",
                "f.toml:13:11: error: vrrp.instance.unicast: expected a table, got an array",
            }));
}

TEST(ConfReader, MissingKeysAreAllNamedAtTheHeadOfTheTable) {
  EXPECT_EQ(problems("\n  [[vrrp.instance]]\n"),
            (Lines{"f.toml:2:3: error: vrrp.instance: \"name\" is missing",
                   "f.toml:2:3: error: vrrp.instance: \"interface\" is missing",
                   "f.toml:2:3: error: vrrp.instance: \"virtual_router_id\" is missing",
                   "f.toml:2:3: error: vrrp.instance: \"virtual_addresses\" is missing",
                   "f.toml:2:3: error: vrrp.instance: this is the file as installed: edit the "
                   "lines interface, virtual_router_id, priority and virtual_addresses"}));
}

TEST(ConfReader, ATableWhereAnArrayOfTablesBelongs) {
  EXPECT_EQ(problems("[vrrp.instance]\nname = \"edge\"\n"),
            Lines{"f.toml:1:1: error: vrrp.instance: there may be several, so write "
                  "[[vrrp.instance]]"});
  EXPECT_EQ(problems("[vrrp]\ninstance = [1]\n"),
            Lines{"f.toml:2:13: error: vrrp.instance: expected a table, got integer"});
  EXPECT_EQ(problems("[vrrp]\ninstance = 1\n"),
            Lines{"f.toml:2:12: error: vrrp.instance: expected an array, got integer 1"});
}

}  // namespace
}  // namespace haguard::conf::testing
