// What HAProxy takes from its command line: its management guide, section 3 (Starting HAProxy).

#include "proxy-bridge/command_line.h"

#include <gtest/gtest.h>

namespace haguard::proxy {
namespace {

using Words = std::vector<std::string>;

std::vector<Option> options(const Words& arguments) {
  std::string cmdline;
  for (const std::string& argument : arguments) {
    cmdline += argument + '\0';
  }
  return options_of_command_line(cmdline);
}

Words check(const Words& arguments) {
  return check_arguments(options(arguments));
}

TEST(CommandLine, OfDebiansUnit) {
  EXPECT_EQ(check({"/usr/sbin/haproxy", "-Ws", "-f", "/etc/haproxy/haproxy.cfg", "-p",
                   "/run/haproxy.pid", "-S", "/run/haproxy-master.sock"}),
            (Words{"-c", "-V", "-Ws", "-f", "/etc/haproxy/haproxy.cfg", "-S",
                   "/run/haproxy-master.sock"}));
}

TEST(CommandLine, OfTheUpstreamUnitWithADirectory) {
  EXPECT_EQ(check({"/usr/local/sbin/haproxy", "-Ws", "-f", "/etc/haproxy/haproxy.cfg", "-f",
                   "/etc/haproxy/conf.d", "-p", "/run/haproxy.pid", "-S",
                   "/run/haproxy-master.sock,mode,660,group,haguard"}),
            (Words{"-c", "-V", "-Ws", "-f", "/etc/haproxy/haproxy.cfg", "-f", "/etc/haproxy/conf.d",
                   "-S", "/run/haproxy-master.sock,mode,660,group,haguard"}));
}

/// From 3.1 on the master keeps what it added for the hand-over.
TEST(CommandLine, AfterAReload) {
  EXPECT_EQ(check({"/usr/sbin/haproxy", "-sf", "101", "102", "-x", "sockpair@5", "-Ws", "-f", "/a",
                   "-S", "/run/m.sock"}),
            (Words{"-c", "-V", "-Ws", "-f", "/a", "-S", "/run/m.sock"}));
  EXPECT_EQ(check({"haproxy", "-sf", "-x", "/dev/null", "-st", "7", "-W", "-f", "/a"}),
            (Words{"-c", "-V", "-W", "-f", "/a"}));
}

TEST(CommandLine, WhatBelongsToOneStartIsLeftOut) {
  EXPECT_EQ(check({"haproxy", "-D", "-q", "-W", "-db", "-dW", "-f", "/a"}),
            (Words{"-c", "-V", "-W", "-db", "-dW", "-f", "/a"}));
}

TEST(CommandLine, WhatMattersToTheFilesStays) {
  const Words kept{"-C", "/srv", "-L", "-D", "-n", "5", "-m", "512", "-N", "9", "-dM0x50", "-d"};
  Words whole{"haproxy"};
  whole.insert(whole.end(), kept.begin(), kept.end());
  Words expected{"-c", "-V"};
  expected.insert(expected.end(), kept.begin(), kept.end());
  EXPECT_EQ(check(whole), expected);
}

TEST(CommandLine, TheRestAreFilesWhateverTheyLookLike) {
  EXPECT_EQ(check({"haproxy", "-W", "--", "/a", "-x", "-p"}),
            (Words{"-c", "-V", "-W", "--", "/a", "-x", "-p"}));
}

TEST(CommandLine, AValueIsNoOption) {
  EXPECT_EQ(options({"haproxy", "-S", "-f", "-x", "-D", "-W"}),
            (std::vector<Option>{{"-S", {"-f"}}, {"-x", {"-D"}}, {"-W", {}}}));
}

TEST(CommandLine, AMissingValueIsNone) {
  EXPECT_EQ(options({"haproxy", "-f"}), (std::vector<Option>{{"-f", {}}}));
  EXPECT_EQ(options({"haproxy", "-sf"}), (std::vector<Option>{{"-sf", {}}}));
}

TEST(CommandLine, OfNothing) {
  EXPECT_TRUE(options({}).empty());
  EXPECT_TRUE(options({"haproxy"}).empty());
  EXPECT_EQ(check({}), (Words{"-c", "-V"}));
}

TEST(CommandLine, IsBounded) {
  EXPECT_EQ(options(Words(10'000, "-W")).size(), 4096U);
  EXPECT_EQ(options(Words(10'000, "-sf")).size(), 4096U);
  Words many(10'000, "/a");
  many[1] = "--";
  ASSERT_EQ(options(many).size(), 1U);
  EXPECT_EQ(options(many)[0].values.size(), 4096U);
}

TEST(CommandLine, AnOptionIsFound) {
  EXPECT_TRUE(has_option(options({"haproxy", "-dR", "-W"}), "-dR"));
  EXPECT_FALSE(has_option(options({"haproxy", "-L", "-dR"}), "-dR"));
}

}  // namespace
}  // namespace haguard::proxy
