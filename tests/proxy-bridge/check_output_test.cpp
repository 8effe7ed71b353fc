// The form of HAProxy's messages: level, pid, origin, text; 2.4 puts a date before the pid.

#include "proxy-bridge/check_output.h"

#include <gtest/gtest.h>

namespace haguard::proxy {
namespace {

TEST(CheckOutput, AlertsBecomeOneLine) {
  EXPECT_EQ(alerts_of("[NOTICE]   (45) : haproxy version is 2.6.12\n"
                      "[WARNING]  (45) : config : missing timeouts for proxy 'b'.\n"
                      "[ALERT]    (45) : config : parsing [/etc/a.cfg:3] : unknown keyword 'x'\n"
                      "[ALERT]    (45) : config : parsing [/etc/a.cfg:7] : unknown keyword 'y'\n"
                      "[ALERT]    (45) : config : Error(s) found in configuration file : /etc/a\n"
                      "[ALERT]    (45) : config : Fatal errors found in configuration.\n"),
            "parsing [/etc/a.cfg:3] : unknown keyword 'x'; "
            "parsing [/etc/a.cfg:7] : unknown keyword 'y'");
}

TEST(CheckOutput, ADateBeforeThePidIsLeftOut) {
  EXPECT_EQ(alerts_of("[ALERT] 326/101010 (45) : parsing [/a:1] : bad"), "parsing [/a:1] : bad");
}

TEST(CheckOutput, OtherOriginsStay) {
  EXPECT_EQ(alerts_of("[ALERT]    (45) : [haproxy.main()] no (further) : reason\n"),
            "[haproxy.main()] no (further) : reason");
}

TEST(CheckOutput, ClosingWordsAreBetterThanNone) {
  EXPECT_EQ(alerts_of("[ALERT]    (45) : config : Fatal errors found in configuration.\n"),
            "Fatal errors found in configuration.");
}

TEST(CheckOutput, WithoutAlertsThereIsNoReason) {
  EXPECT_EQ(alerts_of(""), "");
  EXPECT_EQ(alerts_of("[WARNING]  (45) : config : odd\nConfiguration file is valid\n"), "");
  EXPECT_EQ(alerts_of("[ALERT]\n[ALERT]    (45) : \n"), "");
}

TEST(CheckOutput, ManyAlertsAreShortened) {
  std::string output;
  for (int i = 0; i < 1000; ++i) {
    output += "[ALERT]    (45) : config : parsing [/etc/haproxy/haproxy.cfg:30] : no\n";
  }
  const std::string reason = alerts_of(output);
  EXPECT_GE(reason.size(), 290U);
  EXPECT_LE(reason.size(), 310U);
}

TEST(CheckOutput, NothingReachesATerminal) {
  EXPECT_EQ(alerts_of("[ALERT]    (45) : config : \033[2Jx\n"), "\\x1b[2Jx");
  EXPECT_EQ(printable_lines("a\tb\n\033c"), "a\\x09b\n\\x1bc\n");
}

}  // namespace
}  // namespace haguard::proxy
