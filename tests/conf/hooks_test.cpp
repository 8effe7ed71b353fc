#include "tests/conf/expect.h"

namespace haguard::conf::testing {
namespace {

using namespace std::chrono_literals;
using Commands = std::vector<Hooks::Command>;

TEST(ConfHooks, WithoutThemNothingRuns) {
  const Hooks hooks = valid(instance_with("")).hooks;
  EXPECT_TRUE(hooks.on_active.empty());
  EXPECT_TRUE(hooks.on_backup.empty());
  EXPECT_TRUE(hooks.on_fault.empty());
  EXPECT_EQ(hooks.timeout, 10s);
  EXPECT_EQ(problems(instance_with("[hooks]\non_active = []\non_backup = []\non_fault = []\n")),
            Lines{});
}

TEST(ConfHooks, AProgramStandsAloneOrWithItsArguments) {
  const Hooks hooks = valid(instance_with(R"([hooks]
on_active = ["/bin/true", ["/bin/echo", "a b", "$X"]]
on_backup = [["/bin/false"]]
on_fault = ["/bin/sh"]
timeout = "2s"
)"))
                          .hooks;
  EXPECT_EQ(hooks.on_active, (Commands{{"/bin/true"}, {"/bin/echo", "a b", "$X"}}));
  EXPECT_EQ(hooks.on_backup, Commands{{"/bin/false"}});
  EXPECT_EQ(hooks.on_fault, Commands{{"/bin/sh"}});
  EXPECT_EQ(hooks.timeout, 2s);
}

TEST(ConfHooks, AProgramMustBeThereAndExecutable) {
  const Lines found = problems(instance_with(R"([hooks]
on_active = ["/nonexistent/hook"]
on_backup = ["/tmp"]
on_fault = [["/etc/passwd", "x"], "true"]
)"));
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0],
            "f.toml:7:14: error: hooks.on_active: cannot run \"/nonexistent/hook\": No such file "
            "or directory");
  EXPECT_EQ(found[1],
            "f.toml:8:14: error: hooks.on_backup: cannot run \"/tmp\": not a regular file");
  EXPECT_EQ(found[2].substr(0, 74),
            "f.toml:9:14: error: hooks.on_fault: cannot run \"/etc/passwd\": it has mode ");
  EXPECT_EQ(found[3],
            "f.toml:9:35: error: hooks.on_fault: expected an absolute path, got \"true\"");
}

TEST(ConfHooks, OtherKindsOfValuesAreRefused) {
  EXPECT_EQ(
      problems(instance_with("[hooks]\non_active = [1]\n")),
      Lines{"f.toml:7:14: error: hooks.on_active: expected the path of a program, or an array of "
            "it and its arguments, got integer 1"});
  EXPECT_EQ(problems(instance_with("[hooks]\non_active = [[]]\n")),
            Lines{"f.toml:7:14: error: hooks.on_active: expected at least 1 entry, got none"});
  EXPECT_EQ(problems(instance_with("[hooks]\non_stop = []\n")).size(), 1U);
}

TEST(ConfHooks, TheTimeoutHasBounds) {
  EXPECT_EQ(valid(instance_with("[hooks]\ntimeout = \"100ms\"\n")).hooks.timeout, 100ms);
  EXPECT_EQ(valid(instance_with("[hooks]\ntimeout = \"10m\"\n")).hooks.timeout, 10min);
  EXPECT_EQ(problems(instance_with("[hooks]\ntimeout = \"99ms\"\n")),
            Lines{"f.toml:7:11: error: hooks.timeout: expected 100ms to 600s, got \"99ms\""});
  EXPECT_EQ(problems(instance_with("[hooks]\ntimeout = \"601s\"\n")),
            Lines{"f.toml:7:11: error: hooks.timeout: expected 100ms to 600s, got \"601s\""});
}

}  // namespace
}  // namespace haguard::conf::testing
