// docs/messages.md is true: it has each name of the table, with its level, and nothing else; and
// the examples are what the daemon writes.
#include <algorithm>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "supervisor/messages.h"

namespace haguard::supervisor {
namespace {

using namespace std::chrono_literals;
using vrrp::Cause;
using vrrp::IpAddress;
using vrrp::State;

const IpAddress kPeer = IpAddress::v4(172, 28, 1, 2);
const Names kNames{{{0, "edge/ipv4"}, {1, "edge/ipv6"}}, {{0, "haproxy"}, {1, "web"}}};

struct Entry {
  std::string level;  ///< the first word under the heading
  std::string example;
  std::size_t words = 0;  ///< of what it explains
};

std::map<std::string, Entry> document() {
  std::ifstream in(HAGUARD_SOURCE_DIR "/docs/messages.md");
  static const std::regex heading("### `([a-z-]+)`");
  static const std::regex level("(info|warning|error)(;.*)?");
  std::map<std::string, Entry> entries;
  Entry* entry = nullptr;
  std::smatch match;
  for (std::string line; std::getline(in, line);) {
    if (std::regex_match(line, match, heading)) {
      EXPECT_FALSE(entries.contains(match.str(1))) << match.str(1) << " twice";
      entry = &entries[match.str(1)];
    } else if (entry != nullptr && entry->level.empty() && std::regex_match(line, match, level)) {
      entry->level = match.str(1);
    } else if (entry != nullptr && entry->example.empty() && line.starts_with("    ")) {
      entry->example = line.substr(4);
    } else if (entry != nullptr && !line.starts_with("#")) {
      entry->words += static_cast<std::size_t>(std::count(line.begin(), line.end(), ' '));
    }
  }
  return entries;
}

TEST(MessageDocument, HasEveryNameOfTheTableAndNoOther) {
  std::map<std::string, std::string> documented;
  for (const auto& [name, entry] : document()) {
    documented[name] = entry.level;
    EXPECT_FALSE(entry.example.empty()) << name;
    EXPECT_GE(entry.words, 4U) << name;
  }
  std::map<std::string, std::string> table;
  for (const MessageRow& row : message_table()) {
    table[row.name] = std::string(conf::to_string(row.level));
  }
  EXPECT_EQ(documented, table);
}

TEST(MessageTable, NamesAreInKebabCaseAndUnique) {
  std::set<std::string> names;
  for (const MessageRow& row : message_table()) {
    EXPECT_TRUE(std::regex_match(row.name, std::regex("[a-z]+(-[a-z]+)*"))) << row.name;
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
  }
}

HaproxyChanged haproxy(proxy::Status from, proxy::Status to, std::string detail) {
  proxy::Condition now;
  now.status = to;
  now.detail = std::move(detail);
  now.version = "2.6.12";
  now.worker_pid = 11;
  return {from, from == to ? 9 : 11, now};
}

ReloadOver reload(proxy::Origin origin, proxy::Result result, Duration took, std::string detail) {
  ReloadOver over;
  over.record.origin = origin;
  over.record.result = result;
  over.record.took = took;
  over.record.detail = std::move(detail);
  return over;
}

std::vector<Notice> routers() {
  return {
      StateChanged{
          0, {State::Backup, State::Active, Cause::DownTimer, kPeer, 0, 3609375us}, 90, ""},
      PriorityChanged{0, 100, health::assess(100, {{"web", -50, health::Status::Failing, ""}})},
      HeldDown{{}, 0, 4, 10s},
      HeldBack{0, 1},
      HandedOver{0, kPeer, 7ms},
      HandedOver{0, {}, 110ms},
      PacketRejected{0, vrrp::Reject::AuthPassword, kPeer, true},
      PeerDiffers{0, kPeer, "advertises 10.0.0.6, we advertise 10.0.0.5"},
      AddressConflict{0, IpAddress::v4(172, 28, 1, 254),
                      vrrp::MacAddress{{0x52, 0x54, 0x00, 0x00, 0x00, 0x07}}, true},
      AddressesRefused{0, "Operation not permitted"},
      AddressesRestored{0, {IpAddress::v4(172, 28, 1, 254)}, false},
      LinkNoted{"etx2", true, false},
      CheckChanged{1, health::Status::Passing, health::Status::Failing, 3, 3,
                   "connect 127.0.0.1:8080: connection refused"},
      DrainChanged{Mode::Draining, "gate closed, 40 connections"},
  };
}

std::vector<Notice> proxies() {
  using enum proxy::Status;
  using Kind = proxy::RunNews::Kind;
  return {
      haproxy(Unknown, Running, ""),
      haproxy(Running, Running, ""),
      haproxy(Running, Stopping, "worker 11 is stopping and has no successor"),
      haproxy(Running, Hung, "no answer on the stats socket for 600 ms (worker 11)"),
      haproxy(Running, Dead, "worker 11 died (signal 9)"),
      FormerWorkerGone{"former worker 11 exited with code 0"},
      HaproxyWarned{proxy::Warning::Saturated, "2000 of 2000 connections"},
      HaproxyWarned{proxy::Warning::ReloadFailed,
                    "the last reload failed, the worker goes on with the configuration before it"},
      HaproxyWarned{proxy::Warning::StatsSilent,
                    "/run/haproxy/admin.sock: no answer for 1.2 s, but 127.0.0.1:80 does: are all "
                    "slots of `stats maxconn` taken?"},
      HaproxyWarned{proxy::Warning::MasterSilent, "/run/haproxy-master.sock: no answer for 5 s"},
      HaproxyWarned{proxy::Warning::OldWorkers,
                    "5, the oldest (pid 812) runs for 90000 s: `hard-stop-after` limits that"},
      HaproxyWarned{proxy::Warning::Saturated, {}},
      FilesNoted{false, "files on disk: they differ from what runs"},
      HaproxyRun{conf::LogLevel::Info, "started, master 10", Kind::Started},
      HaproxyRun{conf::LogLevel::Error,
                 "| [ALERT] (10) : config : parsing [haproxy.cfg:12] : unknown keyword 'bnd'",
                 Kind::Printed},
      ReloadStepTaken{{"validate", true, 75600us, ""}},
      reload(proxy::Origin::Operator, proxy::Result::Ok, 176ms, "worker 1593 -> 2049"),
      reload(proxy::Origin::Watch, proxy::Result::Refused, 65ms,
             "bind 10.99.99.99:80 (/etc/haproxy/haproxy.cfg:15): no interface has this address"),
  };
}

TEST(MessageDocument, ExamplesAreWhatIsWritten) {
  const auto entries = document();
  auto notices = routers();
  std::ranges::move(proxies(), std::back_inserter(notices));
  std::set<std::string_view> names;
  for (const Notice& notice : notices) {
    const auto line = message(notice, kNames);
    ASSERT_TRUE(line.has_value());
    const auto entry = entries.find(std::string(line->name));
    ASSERT_NE(entry, entries.end()) << line->name;
    EXPECT_EQ(line->text, entry->second.example);
    EXPECT_TRUE(names.insert(line->name).second) << line->name << " is the name of two examples";
  }
}

}  // namespace
}  // namespace haguard::supervisor
