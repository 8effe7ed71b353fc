#include "conf/keepalived/settle_script.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

namespace haguard::conf::keepalived {
namespace {

using namespace std::chrono_literals;

constexpr int kHeaviest = 253;
constexpr int kMostInARow = 100;

Duration interval_of(const Script& script, Findings& findings) {
  const auto wanted = script.interval ? script.interval->value : Duration(1s);
  const auto result = wanted == 0s ? Duration(1s) : std::clamp<Duration>(wanted, 10ms, 24h);
  if (result != wanted) {
    findings.changed(script.interval->place, "the interval becomes one from 10ms to 24h");
  }
  return result;
}

int in_a_row(const std::optional<At<int>>& count, std::string_view keyword, Findings& findings) {
  if (!count) {
    return 1;
  }
  const int result = std::clamp(count->value, 1, kMostInARow);
  if (result != count->value) {
    findings.changed(count->place, fmt::format("{} {} becomes {}", keyword, count->value, result));
  }
  return result;
}

std::string user_of(const Script& script, const Globals& globals, Findings& findings) {
  const auto& named = script.user ? script.user : globals.script_user;
  if (!named) {
    findings.changed(script.command->place,
                     fmt::format("{} runs as root: keepalived takes the user keepalived_script "
                                 "where there is one; `user` sets another",
                                 script.name));
    return {};
  }
  return named->value;
}

std::string weight_of_haproxy(int weight) {
  const std::string fault = "without it a failing HAProxy is a fault, whatever the priorities";
  if (weight < 0) {
    return fmt::format("weight {} is dropped: {}", weight, fault);
  }
  return fmt::format(
      "weight {} is dropped: {}. A peer that still runs keepalived adds {} to its priority while "
      "its check passes: where it would then be higher than this node, raise priority here",
      weight, fault, weight);
}

}  // namespace

ResultCheck exec_check(const Script& script, const Globals& globals, Findings& findings) {
  ResultCheck check;
  check.command = script.command->value;
  check.interval = interval_of(script, findings);
  const bool timeout = script.timeout && script.timeout->value != 0s;
  check.timeout = timeout ? std::min<Duration>(script.timeout->value, 24h) : *check.interval;
  check.rise = in_a_row(script.rise, "rise", findings);
  check.fall = in_a_row(script.fall, "fall", findings);
  check.user = user_of(script, globals, findings);
  if (script.weight && std::abs(script.weight->value) > kHeaviest) {
    findings.changed(script.weight->place, "the weight is limited to 253, as in keepalived");
  }
  if (script.mentions_haproxy) {
    findings.changed(script.place,
                     fmt::format("{} stays as it is beside the built-in check \"haproxy\"; take "
                                 "it out if it only asks whether HAProxy works, and never let it "
                                 "start HAProxy: systemd does",
                                 script.name));
  }
  return check;
}

void tell_of_haproxy(const Script& script, const Tracked& tracked, std::optional<int> weight,
                     Findings& findings) {
  findings.changed(script.command->place,
                   fmt::format("{} is the built-in check \"haproxy\": haguard sees at once that "
                               "HAProxy ended, hangs or has no frontend open, and gives the "
                               "addresses up",
                               script.name));
  const auto needless = [&](const auto& setting, std::string_view keyword) {
    if (setting) {
      findings.dropped(setting->place,
                       fmt::format("{}: the built-in check does not wait for it", keyword));
    }
  };
  needless(script.interval, "interval");
  needless(script.timeout, "timeout");
  needless(script.rise, "rise");
  needless(script.fall, "fall");
  needless(script.user, "user");
  const int value = weight.value_or(0);
  if (value != 0) {
    const Place& place = tracked.weight ? tracked.place : script.weight->place;
    findings.changed(place, weight_of_haproxy(value));
  }
}

}  // namespace haguard::conf::keepalived
