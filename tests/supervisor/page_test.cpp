#include "supervisor/page.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "supervisor/status.h"
#include "tests/supervisor/sample_status.h"

namespace haguard::supervisor {
namespace {

using Json = nlohmann::json;

Json no_events() {
  return {{"events", Json::array()}, {"last", 0}};
}

std::string content(const Status& status, const Json& events = no_events()) {
  return page_content({to_json(status), events});
}

bool has(const std::string& page, const std::string& part) {
  return page.find(part) != std::string::npos;
}

/// The words of the page, with one space for each run of tags and spaces.
std::string words(const std::string& page) {
  std::string out;
  bool tag = false;
  for (const char c : page) {
    const bool space = tag || c == '<' || c == '\n' || c == ' ';
    tag = c == '<' || (tag && c != '>');
    if (!space) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  return out;
}

TEST(Page, ShowsTheStateAndTheSumOfThePriority) {
  const auto text = words(content(sample_status()));
  EXPECT_TRUE(has(text, "ACTIVE edge/ipv4 since 12:03:01 (3.0 s) down timer expired")) << text;
  EXPECT_TRUE(has(text, "configured 100 check web − 50 connect 127.0.0.1:8080: refused since"));
  EXPECT_TRUE(has(text, "effective 50"));
  EXPECT_TRUE(has(text, "172.28.1.254/32, 10.0.0.5/24 held here"));
  EXPECT_TRUE(has(text, "this node: 172.28.1.3 is better (priority 90, ours 50), but silent"));
}

TEST(Page, AFaultIsCalledAFault) {
  auto status = sample_status();
  status.routers[0].state = vrrp::State::Initialize;
  status.routers[0].reason = "fault: haproxy: worker 11 died (signal 9)";
  const auto page = content(status);
  EXPECT_TRUE(has(page, R"(<li class="bad"><strong><span aria-hidden="true">✕</span> FAULT)"));
  EXPECT_TRUE(has(page, "fault: haproxy: worker 11 died (signal 9)"));
}

TEST(Page, ADrainedNodeSaysSoAndHowToEndIt) {
  auto status = sample_status();
  status.mode = "drained";
  status.mode_since = noon_plus(180);
  status.routers[0].state = vrrp::State::Initialize;
  const auto text = words(content(status));
  EXPECT_TRUE(has(text, "This node is drained since 12:03:00 (4.0 s): haguard undrain ends it"))
      << text;
  EXPECT_TRUE(has(text, "DRAINED"));
}

TEST(Page, WhatMayBeOldIsSaidToBeSo) {
  const auto page =
      page_content({to_json(sample_status()), no_events(), "the loop has not turned for 3.000 s"});
  EXPECT_TRUE(has(page, R"(<p class="banner bad">the loop has not turned for 3.000 s</p>)"));
  EXPECT_FALSE(has(content(sample_status()), "banner"));
}

TEST(Page, TheHourOfACheckIsAStripOfSeconds) {
  auto status = sample_status();
  status.time = noon_plus(3600);
  status.checks[1].history = {{noon_plus(0), health::Status::Passing},
                              {noon_plus(1000), health::Status::Failing},
                              {noon_plus(1600), health::Status::Passing}};
  const auto page = content(status);
  EXPECT_TRUE(has(page, R"(<rect class="passing" x="0" y="14" width="1000" height="6">)"));
  EXPECT_TRUE(has(page, R"(<rect class="failing" x="1000" y="0" width="600" height="20">)"));
  EXPECT_TRUE(has(page, R"(<rect class="passing" x="1600" y="14" width="2000" height="6">)"));
  EXPECT_TRUE(has(page, R"(aria-label="last hour: 2 changes, failing for 10 m 0 s")"));
}

TEST(Page, AShortFailureIsWideEnoughToBeSeenAlsoAtTheEnd) {
  auto status = sample_status();
  status.checks[1].history = {{noon_plus(183), health::Status::Failing}};
  EXPECT_TRUE(has(content(status), R"(<rect class="failing" x="3570" y="0" width="30")"));
}

TEST(Page, EventsComeNewestFirst) {
  const Json events{{"events",
                     {{{"sequence", 1},
                       {"time", "2026-01-01T12:00:00.000Z"},
                       {"level", "info"},
                       {"text", "older"}},
                      {{"sequence", 2},
                       {"time", "2026-01-01T12:00:01.000Z"},
                       {"level", "warning"},
                       {"text", "newer"}}}},
                    {"last", 2}};
  const auto page = content(sample_status(), events);
  EXPECT_LT(page.find("newer"), page.find("older"));
}

TEST(Page, WhatIsNotThereIsSaid) {
  Status status;
  status.node = "proxy-1";
  const auto text = words(content(status));
  EXPECT_TRUE(has(text, "HAProxy Not watched."));
  EXPECT_TRUE(has(text, "Checks There are none."));
  EXPECT_TRUE(has(text, "Peers None heard."));
}

/// Every text that comes from outside, or from a file.
Status hostile(const std::string& text) {
  auto status = sample_status();
  status.node = text;
  status.mode = text;
  auto& router = status.routers[0];
  router.instance = router.interface = router.reason = router.election = text;
  router.addresses = {text};
  router.fitness.adjustments = {{text, -50}};
  router.held_down_until = noon_plus(200);
  router.held_down_why = text;
  for (auto& check : status.checks) {
    check.name = check.type = check.detail = text;
  }
  status.haproxy->version = status.haproxy->detail = text;
  status.haproxy->warnings = {{proxy::Warning::OldWorkers, text}};
  status.reloads.in_sync = false;
  status.reloads.out_of_sync_why = status.reloads.step = text;
  proxy::ReloadRecord record;
  record.detail = text;
  status.reloads.history = {record};
  return status;
}

TEST(Page, NothingFromOutsideIsMarkup) {
  const Json events{{"events",
                     {{{"sequence", 1},
                       {"time", "<script>"},
                       {"level", "<script>"},
                       {"text", "\"'><script>alert(1)</script>&{{script}}"}}}},
                    {"last", 1}};
  const auto status = hostile("\"'><script>alert(1)</script>&{{style}}");
  const auto page = content(status, events);
  EXPECT_FALSE(has(page, "<script"));
  EXPECT_FALSE(has(page, "'>"));
  EXPECT_TRUE(has(page, "&quot;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;"));
  // Markup as often as with a harmless text.
  const auto harmless = content(hostile("harmless"), events);
  EXPECT_EQ(std::ranges::count(page, '<'), std::ranges::count(harmless, '<'));
  EXPECT_EQ(std::ranges::count(page, '"'), std::ranges::count(harmless, '"'));
}

TEST(Page, BytesThatAreNoTextAreShownAsSuch) {
  const auto page = content(hostile("\x1b[2J\xff"));
  EXPECT_TRUE(has(page, "\\x1b[2J\xEF\xBF\xBD"));
  EXPECT_EQ(page.find('\x1b'), std::string::npos);
}

TEST(Page, TheDocumentHasOneStyleAndOneScriptAndAsksNobodyElse) {
  const auto page = whole_page({to_json(hostile("{{title}}{{content}}{{script}}")), no_events()});
  EXPECT_TRUE(page.starts_with("<!doctype html>\n<html lang=\"en\">"));
  EXPECT_TRUE(has(page, "<noscript><meta http-equiv=\"refresh\""));
  for (const char* mark : {"<style>", "<script>", "<main>", "<h1>"}) {
    const auto first = page.find(mark);
    ASSERT_NE(first, std::string::npos) << mark;
    EXPECT_EQ(page.find(mark, first + 1), std::string::npos) << mark;
  }
  for (const char* elsewhere : {"http://", "https://", "src=", "@import", "url("}) {
    EXPECT_FALSE(has(page, elsewhere)) << elsewhere;
  }
}

}  // namespace
}  // namespace haguard::supervisor
