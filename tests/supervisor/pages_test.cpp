#include "supervisor/pages.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "supervisor/mode.h"
#include "tests/supervisor/sample_status.h"

namespace haguard::supervisor {
namespace {

using std::chrono::milliseconds;

const Instant kStart{std::chrono::hours(1)};

class PagesTest : public testing::Test {
 protected:
  [[nodiscard]] Page get(std::string_view target) const { return pages_.get({target}, kStart); }

  Status status_ = sample_status();
  Publication publication_{status_};
  Journal journal_{noon_plus(0)};
  Pages pages_{publication_, journal_,
               [](const Status& status) { return "metrics of " + status.node; }};
};

TEST_F(PagesTest, HealthzIsAboutTheLastTurnOfTheLoop) {
  publication_.stamp(kStart);
  EXPECT_EQ(pages_.get({"/healthz"}, kStart + milliseconds(999)).status, 200U);
  EXPECT_EQ(pages_.get({"/healthz"}, kStart + milliseconds(1001)).status, 503U);
}

TEST_F(PagesTest, HealthzFailsBeforeTheLoopHasTurned) {
  EXPECT_EQ(get("/healthz").status, 503U);
}

TEST_F(PagesTest, ReadyzNamesTheReasons) {
  EXPECT_EQ(get("/readyz").status, 200U);
  status_.routers[0].state = vrrp::State::Backup;
  auto other = sample_router();
  other.instance = "inner";
  other.state = vrrp::State::Initialize;
  other.reason = "fault: haproxy: worker 11 died (signal 9)";
  status_.routers.push_back(other);
  publication_.publish(status_, kStart);
  const auto page = get("/readyz");
  EXPECT_EQ(page.status, 503U);
  EXPECT_EQ(page.body, "inner/ipv4: fault: haproxy: worker 11 died (signal 9)\n");
}

TEST_F(PagesTest, ADrainedNodeIsNotReady) {
  status_.mode = "drained";
  status_.routers[0].state = vrrp::State::Initialize;
  status_.routers[0].reason = kDrained;
  publication_.publish(status_, kStart);
  const auto page = get("/readyz");
  EXPECT_EQ(page.status, 503U);
  EXPECT_EQ(page.body, "edge/ipv4: drained: `haguard undrain` ends it\n");
}

TEST_F(PagesTest, ActiveAsksForAllOrForOne) {
  EXPECT_EQ(get("/active").status, 200U);
  auto other = sample_router();
  other.instance = "in ner";
  other.state = vrrp::State::Backup;
  status_.routers.push_back(other);
  publication_.publish(status_, kStart);
  EXPECT_EQ(get("/active").status, 503U);
  EXPECT_EQ(get("/active?instance=edge").status, 200U);
  EXPECT_EQ(get("/active?instance=in%20ner").status, 503U);
}

TEST_F(PagesTest, ActiveKnowsNoOtherInstance) {
  for (const char* target : {"/active?instance=nobody", "/active?instance=", "/active?nonsense",
                             "/active?instance=edge%", "/active?instance=edg%6", "/active?x%zz"}) {
    EXPECT_EQ(get(target).status, 404U) << target;
  }
}

TEST_F(PagesTest, MetricsAreThoseOfTheSnapshot) {
  const auto page = get("/metrics");
  EXPECT_EQ(page.body, "metrics of proxy-1");
  EXPECT_EQ(page.content_type, "text/plain; version=0.0.4; charset=utf-8");
}

TEST_F(PagesTest, StatusIsTheJsonWhateverTheBytes) {
  status_.checks[1].detail = "\xff";
  publication_.publish(status_, kStart);
  const auto page = get("/status");
  EXPECT_EQ(page.content_type, "application/json");
  EXPECT_EQ(nlohmann::json::parse(page.body)["node"], "proxy-1");
}

TEST_F(PagesTest, RootIsForPeople) {
  EXPECT_NE(get("/").body.find("edge/ipv4  ACTIVE"), std::string::npos);
}

TEST_F(PagesTest, ABrowserGetsHtmlAndEverybodyElseText) {
  for (const char* accept : {"text/html,application/xhtml+xml,*/*;q=0.8", "TEXT/HTML"}) {
    const auto page = pages_.get({"/", accept}, kStart);
    EXPECT_EQ(page.content_type, "text/html; charset=utf-8") << accept;
    EXPECT_TRUE(page.body.starts_with("<!doctype html>")) << accept;
    EXPECT_NE(page.content_security_policy.find("default-src 'none'"), std::string::npos);
  }
  for (const char* accept : {"", "*/*", "application/json", "text/plain"}) {
    const auto page = pages_.get({"/", accept}, kStart);
    EXPECT_EQ(page.content_type, "text/plain; charset=utf-8") << accept;
    EXPECT_EQ(page.content_security_policy, "");
  }
}

TEST_F(PagesTest, TheScriptFetchesThePartThatThePageWasMadeOf) {
  publication_.stamp(kStart);
  const auto fragment = get("/?fragment").body;
  EXPECT_TRUE(fragment.starts_with("<div "));
  EXPECT_NE(pages_.get({"/", "text/html"}, kStart).body.find("<main>\n" + fragment + "</main>"),
            std::string::npos);
}

TEST_F(PagesTest, ThePageTellsThatTheLoopHasStopped) {
  publication_.stamp(kStart);
  const auto late = pages_.get({"/?fragment"}, kStart + milliseconds(2500)).body;
  EXPECT_NE(late.find("the protocol loop has not turned for 2.500 s"), std::string::npos);
  EXPECT_EQ(get("/?fragment").body.find("has not turned"), std::string::npos);
}

TEST_F(PagesTest, EventsAreJsonFromANumberOn) {
  journal_.add({conf::LogLevel::Info, "one"}, noon_plus(1));
  const auto first = nlohmann::json::parse(get("/events").body);
  ASSERT_EQ(first["events"].size(), 1U);
  journal_.add({conf::LogLevel::Warning, "two \xff"}, noon_plus(2));
  const auto next = get("/events?since=" + std::to_string(first["last"].get<std::uint64_t>()));
  EXPECT_EQ(next.content_type, "application/json");
  const auto events = nlohmann::json::parse(next.body)["events"];
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0]["level"], "warning");
}

TEST_F(PagesTest, EventsHaveNoOtherQuestion) {
  for (const char* target : {"/events?since=", "/events?since=-1", "/events?since=1x", "/events?x",
                             "/events?since=99999999999999999999"}) {
    EXPECT_EQ(get(target).status, 404U) << target;
  }
}

TEST_F(PagesTest, EverythingElseIsNotFound) {
  for (const char* target : {"", "*", "/metric", "/metrics/", "//", "/status/x", "?"}) {
    EXPECT_EQ(get(target).status, 404U) << target;
  }
}

}  // namespace
}  // namespace haguard::supervisor
