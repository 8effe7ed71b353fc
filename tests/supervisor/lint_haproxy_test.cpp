// What HAProxy's configuration cannot do for haguard.toml.

#include "supervisor/lint_haproxy.h"

#include "tests/conf/expect.h"

namespace haguard::supervisor {
namespace {

using conf::testing::Lines;
using conf::testing::lines_of;

class LintHaproxyTest : public ::testing::Test {
 public:
  Lines lint(const std::string& haproxy, const std::string& rest = "") {
    auto result = conf::testing::parse_text(conf::testing::instance_with(rest));
    if (const auto* problems = std::get_if<conf::Problems>(&result)) {
      return lines_of(*problems);
    }
    surroundings.haproxy = proxy::parse_configuration({{"/h.cfg", haproxy}});
    return lines_of(lint_haproxy(std::get<conf::Parsed>(result), surroundings));
  }

  /// With a check of type haproxy on line 6, whose expectation is line 9.
  Lines lint_check(const std::string& haproxy, const std::string& expectation) {
    return lint("frontend fe\n bind :80\n" + haproxy,
                "[[check]]\nname = \"web\"\ntype = \"haproxy\"\n" + expectation + "\n");
  }

  Surroundings surroundings;
};

const Lines kNone;

TEST_F(LintHaproxyTest, AWildcardIsInOrder) {
  EXPECT_EQ(lint("frontend fe\n bind *:80\n"), kNone);
  EXPECT_EQ(lint("frontend fe\n bind :::80\n"), kNone);
}

TEST_F(LintHaproxyTest, TheAddressItselfCannotBeBoundOnBackup) {
  const Lines told{
      "f.toml:5:21: warning: frontend \"fe\" binds 172.28.1.254:80 (/h.cfg:2): on Backup the "
      "address is absent, and HAProxy will not start or reload there; set "
      "net.ipv4.ip_nonlocal_bind=1, or bind *:80, or add \"transparent\""};
  EXPECT_EQ(lint("frontend fe\n bind 172.28.1.254:80\n"), told);
}

TEST_F(LintHaproxyTest, AManagedHaproxyMustHaveTheAdminSocket) {
  const std::string managed = "[haproxy]\nmode = \"managed\"\n";
  const std::string frontend = "frontend fe\n bind :80\n";
  EXPECT_EQ(lint("global\n stats socket /run/haproxy/admin.sock level admin\n" + frontend, managed),
            kNone);
  EXPECT_EQ(
      lint("global\n stats socket unix@/run/haproxy/admin.sock level admin\n" + frontend, managed),
      kNone);
  EXPECT_EQ(lint("global\n stats socket /run/other.sock\n" + frontend), kNone) << "attached";
  const Lines found = lint("global\n stats socket /run/other.sock\n" + frontend, managed);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].find("no \"stats socket /run/haproxy/admin.sock level admin\""),
            std::string::npos)
      << found[0];
}

TEST_F(LintHaproxyTest, OtherBindsOfItAreCounted) {
  const Lines found = lint("frontend fe\n bind 172.28.1.254:80,172.28.1.254:443\n bind :80\n");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].find("(/h.cfg:2 and 1 more)"), std::string::npos) << found[0];
}

TEST_F(LintHaproxyTest, TheKernelOrTheBindMayAllowIt) {
  EXPECT_EQ(lint("frontend fe\n bind 172.28.1.254:80 transparent\n"), kNone);
  surroundings.nonlocal_bind_ipv6 = true;
  EXPECT_EQ(lint("frontend fe\n bind 172.28.1.254:80\n").size(), 1U);
  surroundings.nonlocal_bind_ipv4 = true;
  EXPECT_EQ(lint("frontend fe\n bind 172.28.1.254:80\n"), kNone);
}

TEST_F(LintHaproxyTest, TheOwnerHasItsAddressesAnyway) {
  EXPECT_EQ(lint("frontend fe\n bind 172.28.1.254:80\n", "priority = 255\n"), kNone);
}

TEST_F(LintHaproxyTest, AnAddressThatNobodyServes) {
  const Lines told{"f.toml:5:21: warning: no frontend of HAProxy listens on 172.28.1.254"};
  EXPECT_EQ(lint("frontend fe\n bind 172.28.1.2:80\n"), told);
  EXPECT_EQ(lint("frontend fe\n bind [::]:80 v6only\n"), told);
  EXPECT_EQ(lint("frontend fe\n bind /run/fe.sock\n"), told);
  EXPECT_EQ(lint("frontend fe\n disabled\n bind :80\n"), told);
}

TEST_F(LintHaproxyTest, WhatIsNotKnownIsNotConcluded) {
  for (const char* const bind :
       {"\"$ADDRESS:80\"", "fd@3", "web.example:80", "new@thing", "172.28.1.2:80 namespace blue"}) {
    EXPECT_EQ(lint(std::string("frontend fe\n bind ") + bind + "\n"), kNone) << bind;
  }
  EXPECT_EQ(lint("frontend fe\n.if defined(X)\n bind 172.28.1.254:80\n.endif\n"), kNone);
  surroundings.complete = false;
  EXPECT_EQ(lint("frontend fe\n bind 172.28.1.2:80\n"), kNone);
}

TEST_F(LintHaproxyTest, AFrontendThatIsNotThere) {
  const Lines told{
      "f.toml:9:13: error: check \"web\": HAProxy has no frontend \"ff\", did you mean \"fe\"?"};
  EXPECT_EQ(lint_check("", "frontends = [\"ff\"]"), told);
  EXPECT_EQ(lint_check("", "frontends = [\"fe\"]"), kNone);
  EXPECT_EQ(lint_check("listen both\n", "frontends = [\"both\"]"), kNone);
  EXPECT_EQ(lint_check("backend only\n", "frontends = [\"only\"]").size(), 1U);
}

TEST_F(LintHaproxyTest, ABackendThatIsNotThere) {
  const Lines told{
      "f.toml:9:12: error: check \"web\": HAProxy has no backend \"pol\", did you mean \"pool\"?"};
  EXPECT_EQ(lint_check("backend pool\n server a 10.0.0.1:80\n", "backends = { pol = 1 }"), told);
}

TEST_F(LintHaproxyTest, ABackendWithTooFewServers) {
  const std::string two = "backend pool\n server a 10.0.0.1:80\n server b 10.0.0.2:80\n";
  const Lines told{
      "f.toml:9:12: error: check \"web\": backend \"pool\" is to have 3 usable servers, but it has "
      "2 in all (/h.cfg:3)"};
  EXPECT_EQ(lint_check(two, "backends = { pool = 3 }"), told);
  EXPECT_EQ(lint_check(two, "backends = { pool = 2 }"), kNone);
  EXPECT_EQ(lint_check(two + " server-template s 1 x:80\n", "backends = { pool = 9 }"), kNone);
}

TEST_F(LintHaproxyTest, AProxyOfABranchMayBeThere) {
  EXPECT_EQ(lint_check(".if defined(X)\nfrontend maybe\n.endif\n", "frontends = [\"maybe\"]"),
            kNone);
}

TEST_F(LintHaproxyTest, ANameWithAVariableMayBeAnything) {
  EXPECT_EQ(lint_check("frontend \"fe_$SITE\"\n", "frontends = [\"fe_a\"]"), kNone);
}

TEST_F(LintHaproxyTest, FewStatsConnections) {
  const std::string frontend = "frontend fe\n bind :80\n";
  const Lines told{
      "/h.cfg:2:1: warning: stats maxconn 4: haguard holds a connection, and when others take the "
      "rest HAProxy looks hung; 64 is plenty"};
  EXPECT_EQ(lint("global\n stats maxconn 4\n" + frontend), told);
  EXPECT_EQ(lint("global\n stats maxconn 5\n" + frontend), kNone);
  EXPECT_EQ(lint(frontend), kNone);
}

}  // namespace
}  // namespace haguard::supervisor
