#include "tests/conf/expect.h"

namespace haguard::conf::testing {
namespace {

using namespace std::chrono_literals;

/// A valid check on lines 6 to 9; what follows it begins on line 10.
std::string check_with(std::string_view rest) {
  return instance_with(R"([[check]]
name = "web"
type = "tcp"
target = "127.0.0.1:443"
)" + std::string(rest));
}

/// A refined built-in check on lines 6 to 8; what follows it begins on line 9.
std::string built_in_with(std::string_view rest) {
  return instance_with("[[check]]\nname = \"haproxy\"\ntype = \"haproxy\"\n" + std::string(rest));
}

TEST(ConfChecks, TheBuiltInCheckExistsWhileHaproxyIsWatched) {
  const Config attached = valid(instance_with(""));
  ASSERT_EQ(attached.checks.size(), 1U);
  EXPECT_EQ(attached.checks[0].name, "haproxy");
  EXPECT_EQ(attached.checks[0].type, CheckType::Haproxy);
  EXPECT_FALSE(attached.checks[0].weight);
  EXPECT_TRUE(valid(instance_with("[haproxy]\nmode = \"none\"\n")).checks.empty());
}

TEST(ConfChecks, DefaultsAreThoseOfTheContract) {
  const Config config = valid(check_with(""));
  ASSERT_EQ(config.checks.size(), 2U);
  const Check& check = config.checks[1];
  EXPECT_EQ(check.name, "web");
  EXPECT_EQ(check.type, CheckType::Tcp);
  EXPECT_EQ(check.target.to_string(), "127.0.0.1:443");
  EXPECT_FALSE(check.weight);
  EXPECT_EQ(check.interval, 500ms);
  EXPECT_EQ(check.timeout, 250ms);
  EXPECT_EQ(check.rise, 2U);
  EXPECT_EQ(check.fall, 3U);
}

TEST(ConfChecks, EveryKeyIsRead) {
  const Config config = valid(check_with(R"(weight = -253
interval = "10ms"
timeout = "1us"
rise = 1
fall = 100
send_proxy = false
[[check]]
name = "app"
type = "haproxy"
weight = 253
frontends = ["fe_1", "fe:2"]
backends = { be = 1, "be.2" = 3 }
)"));
  ASSERT_EQ(config.checks.size(), 3U);
  EXPECT_EQ(config.checks[1].weight, -253);
  EXPECT_EQ(config.checks[1].interval, 10ms);
  EXPECT_EQ(config.checks[1].timeout, 1us);
  EXPECT_EQ(config.checks[1].rise, 1U);
  EXPECT_EQ(config.checks[1].fall, 100U);
  EXPECT_EQ(config.checks[2].weight, 253);
  EXPECT_EQ(config.checks[2].haproxy.frontends, (std::vector<std::string>{"fe_1", "fe:2"}));
  EXPECT_EQ(config.checks[2].haproxy.backends,
            (std::map<std::string, unsigned>{{"be", 1}, {"be.2", 3}}));
}

TEST(ConfChecks, TheBuiltInCheckIsRefinedInPlace) {
  const Config config = valid(check_with(R"([[check]]
name = "haproxy"
type = "haproxy"
frontends = ["fe"]
fall = 1
)"));
  ASSERT_EQ(config.checks.size(), 2U);
  EXPECT_EQ(config.checks[0].name, "haproxy");
  EXPECT_EQ(config.checks[0].haproxy.frontends, std::vector<std::string>{"fe"});
  EXPECT_EQ(config.checks[0].fall, 1U);
  EXPECT_EQ(config.checks[1].name, "web");
}

TEST(ConfChecks, TheBuiltInCheckKeepsItsTypeAndHasNoWeight) {
  EXPECT_EQ(problems(built_in_with("weight = -50\n")),
            Lines{"f.toml:9:10: error: check.weight: the built-in check has none: its failure "
                  "always means FAULT"});
  EXPECT_EQ(problems(instance_with(
                "[[check]]\nname = \"haproxy\"\ntype = \"tcp\"\ntarget = \"127.0.0.1:80\"\n")),
            Lines{"f.toml:8:8: error: check.type: the check \"haproxy\" is the built-in one, "
                  "expected \"haproxy\""});
}

TEST(ConfChecks, HaproxyChecksNeedAWatchedHaproxy) {
  EXPECT_EQ(problems(built_in_with("[haproxy]\nmode = \"none\"\n")),
            Lines{"f.toml:8:8: error: check.type: needs a watched HAProxy, but haproxy.mode is "
                  "\"none\""});
}

TEST(ConfChecks, NamesAreUnique) {
  EXPECT_EQ(problems(check_with("[[check]]\nname = \"web\"\ntype = \"haproxy\"\n")),
            Lines{"f.toml:11:8: error: check.name: \"web\" is also the check of line 7"});
  EXPECT_EQ(problems(built_in_with("[[check]]\nname = \"haproxy\"\ntype = \"haproxy\"\n")),
            Lines{"f.toml:10:8: error: check.name: \"haproxy\" is also the check of line 7"});
}

TEST(ConfChecks, NameAndTypeAreRequired) {
  EXPECT_EQ(problems(instance_with("[[check]]\ninterval = \"1s\"\n")),
            (Lines{"f.toml:6:1: error: check: \"name\" is missing",
                   "f.toml:6:1: error: check: \"type\" is missing"}));
}

TEST(ConfChecks, AZeroWeightIsRefusedWithTheReason) {
  EXPECT_EQ(problems(check_with("weight = 0\n")),
            Lines{"f.toml:10:10: error: check.weight: 0 would change nothing; leave weight out for "
                  "a check whose failure means FAULT"});
}

TEST(ConfChecks, NumbersHaveRanges) {
  EXPECT_EQ(problems(check_with("weight = 254\nrise = 0\nfall = 101\n")),
            (Lines{
                "f.toml:10:10: error: check.weight: expected an integer from -253 to 253, got 254",
                "f.toml:11:8: error: check.rise: expected an integer from 1 to 100, got 0",
                "f.toml:12:8: error: check.fall: expected an integer from 1 to 100, got 101",
            }));
  EXPECT_EQ(problems(check_with("weight = -254\n")),
            Lines{"f.toml:10:10: error: check.weight: expected an integer from -253 to 253, got "
                  "-254"});
}

TEST(ConfChecks, DurationsHaveRanges) {
  EXPECT_EQ(problems(check_with("interval = \"9ms\"\ntimeout = \"0s\"\n")),
            (Lines{"f.toml:10:12: error: check.interval: expected 10ms to 24h, got \"9ms\"",
                   "f.toml:11:11: error: check.timeout: expected 1us to 24h, got \"0s\""}));
}

TEST(ConfChecks, ATimeoutLongerThanTheIntervalIsAWarning) {
  EXPECT_EQ(problems(check_with("timeout = \"501ms\"\n")),
            Lines{"f.toml:10:11: warning: check.timeout: the timeout of 501ms is longer than the "
                  "interval of 500ms"});
  EXPECT_EQ(problems(check_with("interval = \"100ms\"\n")),
            Lines{"f.toml:10:12: warning: check.interval: the timeout of 250ms is longer than the "
                  "interval of 100ms"});
  EXPECT_EQ(problems(check_with("timeout = \"500ms\"\n")), Lines{});
}

TEST(ConfChecks, TheSameCheckTwiceIsAWarning) {
  const std::string again = "[[check]]\nname = \"b\"\ntype = \"tcp\"\ntarget = \"127.0.0.1:443\"\n";
  EXPECT_EQ(problems(check_with(again)),
            Lines{"f.toml:13:10: warning: check.target: check \"web\" asks the same"});
  EXPECT_EQ(problems(check_with(again + "send_proxy = true\n")), Lines{});
}

TEST(ConfChecks, TheBuiltInCheckIsComparedAsItIsInTheEnd) {
  const std::string app = "[[check]]\nname = \"app\"\ntype = \"haproxy\"\n";
  const std::string refined =
      "[[check]]\nname = \"haproxy\"\ntype = \"haproxy\"\nfrontends = [\"fe\"]\n";
  EXPECT_EQ(problems(instance_with(app)),
            Lines{"f.toml:8:8: warning: check.type: check \"haproxy\" asks the same"});
  EXPECT_EQ(problems(instance_with(app + refined)), Lines{});
  EXPECT_EQ(problems(instance_with(app + "frontends = [\"fe\"]\n" + refined)),
            Lines{"f.toml:8:8: warning: check.type: check \"haproxy\" asks the same"});
}

TEST(ConfChecks, TcpChecksNeedATarget) {
  EXPECT_EQ(problems(instance_with("[[check]]\nname = \"web\"\ntype = \"tcp\"\n")),
            Lines{"f.toml:6:1: error: check: \"target\" is missing"});
  EXPECT_EQ(problems(instance_with(
                "[[check]]\nname = \"web\"\ntype = \"tcp\"\ntarget = \"localhost:80\"\n")),
            Lines{"f.toml:9:10: error: check.target: expected an address and a port such as "
                  "\"127.0.0.1:443\" or \"[::1]:443\", got \"localhost:80\""});
}

TEST(ConfChecks, KeysOfAnotherTypeAreNamed) {
  EXPECT_EQ(problems(check_with("frontends = [\"fe\"]\nurl = \"http://127.0.0.1/\"\n")),
            (Lines{"f.toml:10:13: error: check.frontends: only checks of type \"haproxy\" have it",
                   "f.toml:11:7: error: check.url: only checks of type \"http\" have it"}));
  EXPECT_EQ(problems(built_in_with("target = \"127.0.0.1:80\"\n")),
            Lines{"f.toml:9:10: error: check.target: only checks of type \"tcp\" or \"gateway\" "
                  "have it"});
}

TEST(ConfChecks, HaproxyNamesCannotCarryCommands) {
  EXPECT_EQ(problems(built_in_with(
                "frontends = [\"fe;shutdown\", \"fe\", \"fe\"]\nbackends = { \"b\\nx\" = 1 }\n")),
            (Lines{
                "f.toml:9:14: error: check.frontends: expected a name of letters, digits or "
                "\"_.:-\", got \"fe;shutdown\"",
                "f.toml:9:35: error: check.frontends: listed twice",
                "f.toml:10:12: error: check.backends: \"b\\x0ax\" cannot be the name of a backend",
            }));
}

TEST(ConfChecks, BackendsNeedAtLeastOneServer) {
  EXPECT_EQ(problems(built_in_with("backends = { be = 0 }\n")),
            Lines{"f.toml:9:19: error: check.backends.be: expected an integer from 1 to 65535, got "
                  "0"});
}

TEST(ConfChecks, AnUnknownTypeIsRefusedAndItsKeysAreNot) {
  EXPECT_EQ(problems(instance_with("[[check]]\nname = \"web\"\ntype = \"icmp\"\n"
                                   "url = \"http://127.0.0.1/\"\ntarget = \"10.0.0.1\"\n")),
            Lines{"f.toml:8:8: error: check.type: expected one of \"tcp\", \"http\", \"haproxy\", "
                  "\"interface\", \"gateway\", \"exec\", \"file\", got \"icmp\""});
}

}  // namespace
}  // namespace haguard::conf::testing
