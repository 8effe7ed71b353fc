#include "supervisor/status.h"

#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "supervisor/version.h"
#include "tests/supervisor/sample_status.h"

namespace haguard::supervisor {
namespace {

using Json = nlohmann::json;

std::string screen(const Status& status) {
  return to_text(to_json(status));
}

/// The line that begins with `start`, or nothing.
std::string line(const std::string& text, const std::string& start) {
  std::istringstream lines(text);
  for (std::string each; std::getline(lines, each);) {
    if (each.starts_with(start)) {
      return each;
    }
  }
  return "";
}

TEST(StatusIso8601, PrintsUtcWithMilliseconds) {
  EXPECT_EQ(to_iso8601(noon_plus(0.007)), "2026-01-01T12:00:00.007Z");
  EXPECT_EQ(to_iso8601(WallTime{}), "1970-01-01T00:00:00.000Z");
  // A leap day, and the last millisecond of it.
  using namespace std::chrono;
  const WallTime end = sys_days(year(2024) / 2 / 29) + days(1) - milliseconds(1);
  EXPECT_EQ(to_iso8601(end), "2024-02-29T23:59:59.999Z");
}

TEST(StatusJson, HasTheShapeOfTheContract) {
  const auto expected = Json::parse(R"({
    "node": "proxy-1", "time": "2026-01-01T12:03:04.000Z", "uptime_s": 12.5, "mode": "normal",
    "mode_since": "1970-01-01T00:00:00.000Z",
    "instances": [{"name": "edge", "family": "ipv4", "interface": "etx2", "virtual_router_id": 51,
      "state": "active", "reason": "down timer expired", "since": "2026-01-01T12:03:01.000Z",
      "transitions": 2,
      "priority": {"configured": 100, "effective": 50,
                   "adjustments": [{"check": "web", "weight": -50}]},
      "addresses": ["172.28.1.254/32", "10.0.0.5/24"], "addresses_held": true,
      "active_router": {"address": "172.28.1.2", "priority": 50},
      "election": "this node: 172.28.1.3 is better (priority 90, ours 50), but silent",
      "hold_down": null}],
    "checks": [
      {"name": "haproxy", "type": "haproxy", "status": "passing",
       "since": "2026-01-01T12:01:00.000Z", "detail": "",
       "history": [{"time": "2026-01-01T12:00:59.000Z", "status": "pending"},
                   {"time": "2026-01-01T12:01:00.000Z", "status": "passing"}]},
      {"name": "web", "type": "tcp", "status": "failing",
       "since": "2026-01-01T12:03:00.000Z", "detail": "connect 127.0.0.1:8080: refused",
       "history": []}],
    "haproxy": {"mode": "attached", "status": "running", "detail": "", "version": "2.6.12",
                "master_pid": 10, "worker_pid": 11, "old_workers": 1, "warnings": [],
                "config_in_sync": null, "config_detail": "", "reload_step": "",
                "on_probation": false, "last_reload": null, "reloads": [], "generations": [],
                "running_generation": 0},
    "peers": [{"address": "172.28.1.3", "priority": 90,
               "last_advert": "2026-01-01T12:03:03.500Z"}]})");
  auto status = sample_status();
  status.checks[0].history = {{noon_plus(59), health::Status::Pending},
                              {noon_plus(60), health::Status::Passing}};
  auto actual = to_json(status);
  EXPECT_EQ(actual["version"], kVersion);
  actual.erase("version");
  EXPECT_EQ(actual, expected);
}

TEST(StatusJson, SaysWhatIsNotKnown) {
  Status status;
  status.routers = {RouterStatus{}};
  const auto json = to_json(status);
  EXPECT_TRUE(json["instances"][0]["active_router"].is_null());
  EXPECT_EQ(json["instances"][0]["state"], "initialize");
  EXPECT_EQ(json["instances"][0]["priority"]["adjustments"], Json::array());
  EXPECT_EQ(json["haproxy"], Json({{"mode", "none"}}));
  EXPECT_EQ(json["checks"], Json::array());
  EXPECT_EQ(json["peers"], Json::array());
}

TEST(StatusText, TellsStateSinceAndReasonInOneLine) {
  EXPECT_EQ(line(screen(sample_status()), "edge/ipv4"),
            "edge/ipv4  ACTIVE since 12:03:01 (3.0 s)  down timer expired");
}

TEST(StatusText, BeginsWithTheNode) {
  EXPECT_EQ(
      line(screen(sample_status()), "proxy-1"),
      fmt::format("proxy-1  haguard {}  mode normal  up 12 s  2026-01-01 12:03:04 UTC", kVersion));
}

TEST(StatusText, ADrainedNodeSaysSinceWhenAndHowToEndIt) {
  Status status = sample_status();
  status.mode = "drained";
  status.mode_since = noon_plus(60);
  const auto screen = to_text(to_json(status));
  EXPECT_NE(screen.find("\ndrained since 12:01:00 (2 m 4 s): `haguard undrain` ends it\n"),
            std::string::npos)
      << screen;
}

TEST(StatusText, ShowsTheSumOfThePriority) {
  auto status = sample_status();
  status.checks[1].detail = "503";
  EXPECT_EQ(line(screen(status), "  priority"), "  priority   50 = 100 - 50 (web: 503 for 4.0 s)");
  status.checks[1].detail = std::string(60, 'x');
  EXPECT_EQ(line(screen(status), "  priority"), "  priority   50 = 100 - 50 (web)");
  status.routers[0].fitness = {};
  EXPECT_EQ(line(screen(status), "  priority"), "  priority   100 = 100");
}

TEST(StatusText, ExplainsASumThatWasCutOff) {
  auto status = sample_status();
  status.routers[0].fitness.effective = 1;
  status.routers[0].fitness.adjustments = {{"web", -120}};
  status.checks[1].detail = "503";
  EXPECT_EQ(line(screen(status), "  priority"),
            "  priority   1 = 100 - 120 (web: 503 for 4.0 s), kept in 1-254");
}

TEST(StatusText, TellsWhetherTheAddressesAreHere) {
  auto status = sample_status();
  EXPECT_EQ(line(screen(status), "  addresses"),
            "  addresses  held here: 172.28.1.254/32, 10.0.0.5/24");
  EXPECT_EQ(line(screen(status), "  active"), "  active     172.28.1.2, priority 50 (this node)");
  status.routers[0].holds_addresses = false;
  status.routers[0].state = vrrp::State::Backup;
  status.routers[0].active_router = vrrp::IpAddress::v4(172, 28, 1, 3);
  status.routers[0].active_priority = 90;
  EXPECT_EQ(line(screen(status), "  addresses"),
            "  addresses  not here: 172.28.1.254/32, 10.0.0.5/24");
  EXPECT_EQ(line(screen(status), "  active"), "  active     172.28.1.3, priority 90");
}

TEST(StatusText, ShowsChecksHaproxyAndPeers) {
  const auto text = screen(sample_status());
  EXPECT_EQ(line(text, "  haproxy "), "  haproxy      passing  since 12:01:00 (2 m 4 s)");
  EXPECT_NE(line(text, "  web ").find("FAILING  since 12:03:00 (4.0 s)"), std::string::npos);
  EXPECT_NE(text.find("connect 127.0.0.1:8080: refused"), std::string::npos);
  EXPECT_EQ(line(text, "haproxy  "), "haproxy  running");
  EXPECT_NE(text.find("version 2.6.12, master 10, worker 11, old workers 1"), std::string::npos);
  EXPECT_EQ(line(text, "  172.28.1.3"), "  172.28.1.3  priority 90, last advertisement 0.5 s ago");
}

TEST(StatusText, TellsWhoWinsAndWhoIsHeldDown) {
  auto status = sample_status();
  EXPECT_EQ(line(screen(status), "  election"),
            "  election   this node: 172.28.1.3 is better (priority 90, ours 50), but silent");
  EXPECT_EQ(line(screen(status), "  held down"), "");
  status.routers[0].held_down_until = noon_plus(194);
  status.routers[0].held_down_why = "4 changes of check web in a minute";
  EXPECT_EQ(line(screen(status), "  held down"),
            "  held down  no preemption until 12:03:14: 4 changes of check web in a minute");
}

TEST(StatusText, FitsTheScreen) {
  std::istringstream lines(screen(sample_status()));
  int count = 0;
  for (std::string each; std::getline(lines, each); ++count) {
    EXPECT_LE(each.size(), 80U) << each;
  }
  EXPECT_LE(count, 24);
}

TEST(StatusText, MovesALongReasonToALineOfItsOwn) {
  auto status = sample_status();
  status.routers[0].reason = "fault: " + std::string(60, 'x');
  const auto text = screen(status);
  EXPECT_EQ(line(text, "edge/ipv4"), "edge/ipv4  ACTIVE since 12:03:01 (3.0 s)");
  EXPECT_EQ(line(text, "  because"), "  because    " + status.routers[0].reason);
}

TEST(StatusText, NamesTheDayWhenItIsNotToday) {
  auto status = sample_status();
  status.routers[0].since -= std::chrono::hours(76);
  EXPECT_NE(line(screen(status), "edge/ipv4").find("since 2025-12-29 08:03:01 (3 d 4 h)"),
            std::string::npos);
}

TEST(StatusText, NeverPassesAnEscapeSequenceOn) {
  auto status = sample_status();
  status.checks[1].detail = "\x1b[2J\nedge/ipv4  ACTIVE";
  status.haproxy->version = "2.6\x1b]0;x\x07";
  const auto text = screen(status);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(text.find("\\x1b[2J\\x0aedge/ipv4"), std::string::npos);
}

TEST(StatusText, ForeignDocumentsAreRefused) {
  EXPECT_THROW(static_cast<void>(to_text(Json::object())), Json::exception);
  EXPECT_THROW(static_cast<void>(to_text(Json(3))), Json::exception);
}

TEST(StatusText, SurvivesUnreadableTimes) {
  for (const char* time :
       {"", "yesterday", "2026-13-41T99:99:99.999Z", "xxxxxxxxxxxxxxxxxxxxxxxx"}) {
    auto json = to_json(sample_status());
    json["time"] = time;
    json["instances"][0]["since"] = time;
    json["peers"][0]["last_advert"] = time;
    EXPECT_NE(to_text(json).find(std::string("ACTIVE since ") + time), std::string::npos) << time;
  }
}

}  // namespace
}  // namespace haguard::supervisor
