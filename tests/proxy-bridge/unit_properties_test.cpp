// What systemctl(1) shows of a unit, and the files of EnvironmentFile=: systemd.exec(5).

#include "proxy-bridge/unit_properties.h"

#include <gtest/gtest.h>

namespace haguard::proxy {
namespace {

using Words = std::vector<std::string>;

TEST(UnitProperties, OfDebiansUnit) {
  const auto unit = parse_unit_properties(
      "Environment=CONFIG=/etc/haproxy/haproxy.cfg PIDFILE=/run/haproxy.pid"
      " \"EXTRAOPTS=-S /run/haproxy-master.sock\"\n"
      "EnvironmentFiles=/etc/default/haproxy (ignore_errors=yes)\n"
      "EnvironmentFiles=/etc/sysconfig/haproxy (ignore_errors=no)\n"
      "WorkingDirectory=\n");
  EXPECT_EQ(unit.environment, (Words{"CONFIG=/etc/haproxy/haproxy.cfg", "PIDFILE=/run/haproxy.pid",
                                     "EXTRAOPTS=-S /run/haproxy-master.sock"}));
  EXPECT_EQ(unit.environment_files, (Words{"/etc/default/haproxy", "/etc/sysconfig/haproxy"}));
  EXPECT_EQ(unit.working_directory, "");
}

TEST(UnitProperties, ADirectoryThatMayBeAbsent) {
  EXPECT_EQ(parse_unit_properties("WorkingDirectory=/srv\n").working_directory, "/srv");
  EXPECT_EQ(parse_unit_properties("WorkingDirectory=!/srv").working_directory, "/srv");
}

TEST(UnitProperties, QuotesAndEscapesAreUndone) {
  EXPECT_EQ(parse_unit_properties(R"(Environment="A=say \"x\" \\ \$B" B= C="")").environment,
            (Words{R"(A=say "x" \ $B)", "B=", "C="}));
}

TEST(UnitProperties, OfAUnitThatIsNotThere) {
  const auto unit = parse_unit_properties("Environment=\nWorkingDirectory=\n");
  EXPECT_TRUE(unit.environment.empty());
  EXPECT_TRUE(unit.environment_files.empty());
}

TEST(EnvironmentFile, OneAssignmentEachLine) {
  EXPECT_EQ(parse_environment_file("# comment\n; another\n\nA=1\n  B = two words  \nno assignment\n"
                                   "C=\nD=4"),
            (Words{"A=1", "B=two words", "C=", "D=4"}));
}

TEST(EnvironmentFile, QuotesKeepWhiteSpace) {
  EXPECT_EQ(parse_environment_file("A=\" x \"  \nB='a \\n b'\nC=\"1\"'2'3\n"),
            (Words{"A= x ", "B=a \\n b", "C=123"}));
}

TEST(EnvironmentFile, Backslashes) {
  EXPECT_EQ(parse_environment_file("A=a\\\nb\nB=\\\"x\\\"\nC=\"\\$1 \\x\"\n"),
            (Words{"A=ab", "B=\"x\"", "C=$1 \\x"}));
}

TEST(EnvironmentFile, TheLastOfANamePrevails) {
  EXPECT_EQ(parse_environment_file("A=1\nAB=2\nA=3\n"), (Words{"A=3", "AB=2"}));
}

TEST(EnvironmentFile, AQuoteThatIsNeverClosed) {
  EXPECT_EQ(parse_environment_file("A=\"x\ny=1\n"), Words{"A=x\ny=1\n"});
  EXPECT_EQ(parse_environment_file("A=\\"), Words{"A=\\"});
}

TEST(Cgroup, TheServiceOfAProcess) {
  EXPECT_EQ(service_of_cgroup("0::/system.slice/haproxy.service\n"), "haproxy.service");
  EXPECT_EQ(service_of_cgroup("0::/system.slice/system-haproxy.slice/haproxy@a.service\n"),
            "haproxy@a.service");
  EXPECT_EQ(service_of_cgroup("12:cpu:/other.service\n1:name=systemd:/system.slice/h.service\n"),
            "h.service");
  EXPECT_EQ(service_of_cgroup("0::/system.slice/haproxy.service/sub\n"), "haproxy.service");
}

TEST(Cgroup, OfNoService) {
  EXPECT_EQ(service_of_cgroup(""), "");
  EXPECT_EQ(service_of_cgroup("0::/\n"), "");
  EXPECT_EQ(service_of_cgroup("0::/user.slice/session-1.scope\n"), "");
}

}  // namespace
}  // namespace haguard::proxy
