#include "conf/keepalived/command.h"

#include <gtest/gtest.h>

namespace haguard::conf::keepalived {
namespace {

class OnlyAsks : public ::testing::TestWithParam<const char*> {};
TEST_P(OnlyAsks, WhetherHaproxyRuns) {
  EXPECT_TRUE(asks_for_haproxy_only(GetParam()));
}
INSTANTIATE_TEST_SUITE_P(
    Commands, OnlyAsks,
    ::testing::Values("killall -0 haproxy", "/usr/bin/killall -s 0 haproxy", "pidof haproxy",
                      "/bin/pidof /usr/sbin/haproxy", "pgrep -x haproxy",
                      "systemctl is-active --quiet haproxy", "/bin/kill -0 $(pidof haproxy)",
                      "/bin/bash -c 'kill -0 $(cat /run/haproxy.pid)'",
                      "pidof haproxy >/dev/null && exit 0", "pidof haproxy || exit 1"));

class DoesMore : public ::testing::TestWithParam<const char*> {};
TEST_P(DoesMore, ThanToAskForHaproxy) {
  EXPECT_FALSE(asks_for_haproxy_only(GetParam()));
}
INSTANTIATE_TEST_SUITE_P(
    Commands, DoesMore,
    ::testing::Values("", "killall", "killall haproxy", "killall -9 haproxy",
                      "killall -0 haproxy nginx", "killall -0 nginx", "pidof keepalived",
                      "pidof haproxy || systemctl start haproxy", "pidof haproxy || exit 0",
                      "systemctl restart haproxy", "service haproxy restart",
                      "kill -9 $(cat /run/haproxy.pid)", "kill -0 $(cat /run/nginx.pid)",
                      "kill -0 $(cat /run/haproxy.pid; reboot)", "/etc/keepalived/haproxy.sh"));

Command command(std::string_view text) {
  Findings findings;
  return to_command(text, {"k.conf", 3, 0}, findings).value_or(Command{});
}

TEST(KeepalivedToCommand, IsSplitWhenNoShellIsNeeded) {
  EXPECT_EQ(command("/bin/check -a 'b;c'"), (Command{"/bin/check", "-a", "b;c"}));
}

TEST(KeepalivedToCommand, IsLeftToAShellWithWhatOnlyAShellKnows) {
  for (const std::string text :
       {"/bin/a | /bin/b", "/bin/a > /x", "/bin/a \"$HOME\"", "/bin/a *"}) {
    EXPECT_EQ(command(text), (Command{"/bin/sh", "-c", text}));
  }
  EXPECT_EQ(command("</dev/tcp/::1/80"), (Command{"/bin/bash", "-c", "</dev/tcp/::1/80"}));
}

TEST(KeepalivedToCommand, IsSearchedWhenItHasNoPath) {
  EXPECT_EQ(command("nc -z ::1 80"), (Command{"/usr/bin/env", "nc", "-z", "::1", "80"}));
  EXPECT_EQ(command(" "), Command{});
}

}  // namespace
}  // namespace haguard::conf::keepalived
