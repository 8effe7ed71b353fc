#include "conf/keepalived/settle_election.h"

#include <algorithm>

#include <fmt/format.h>

#include "conf/duration.h"

namespace haguard::conf::keepalived {
namespace {

using namespace std::chrono_literals;

constexpr int kOwner = 255;
constexpr int kDefaultPriority = 100;
constexpr Duration kLongestPreemptDelay = 1000s;

bool is_ipv6(const Instance& instance) {
  return !instance.addresses.empty() &&
         instance.addresses.front().address.family() == vrrp::Family::Ipv6;
}

/// To the nearest multiple, within what a packet can carry.
Duration rounded(Duration interval, Duration step, Duration least, Duration most) {
  return std::clamp((interval + step / 2) / step * step, least, most);
}

void settle_priority(const Instance& instance, bool master, ResultInstance& result,
                     Findings& findings) {
  result.priority = kDefaultPriority;
  if (!instance.priority && master) {
    result.priority = kOwner;
    findings.verdict(instance.state->place,
                     "state MASTER without a priority means 255, the owner of the addresses, which "
                     "heeds no weight: set a priority up to 254");
  } else if (instance.priority) {
    const int value = instance.priority->value;
    if (value >= 1 && value <= kOwner) {
      result.priority = value;
    } else {
      findings.changed(instance.priority->place,
                       fmt::format("priority {} is out of range, keepalived takes 100", value));
    }
  }
}

/// Of an instance that says MASTER: all that is left of the word.
void tell_of_state(const Instance& instance, bool master, Findings& findings) {
  if (instance.state) {
    findings.dropped(
        instance.state->place,
        fmt::format("state {}: haguard, as keepalived, starts as Backup, and the priority decides",
                    master ? "MASTER" : "BACKUP"));
  }
}

void settle_preemption(const Instance& instance, bool master, ResultInstance& result,
                       Findings& findings) {
  const bool owner = result.priority == kOwner;
  if (instance.nopreempt && (master || owner)) {
    findings.verdict(*instance.nopreempt,
                     fmt::format("nopreempt is void with {}: keepalived preempts; take state "
                                 "BACKUP and a priority up to 254 on both nodes, or set "
                                 "preempt = false here",
                                 master ? "state MASTER" : "priority 255"));
  }
  result.preempt = !instance.nopreempt || master || owner;
  if (!instance.preempt_delay) {
    return;
  }
  const auto [place, delay] = *instance.preempt_delay;
  if (master || !result.preempt) {
    findings.verdict(place, fmt::format("preempt_delay is void with {}: it is dropped",
                                        master ? "state MASTER" : "nopreempt"));
  } else {
    result.preempt_delay = std::min(delay, kLongestPreemptDelay);
    if (delay > kLongestPreemptDelay) {
      findings.changed(place, "preempt_delay becomes 1000s, the longest of keepalived");
    }
  }
}

}  // namespace

void settle_version(const Instance& instance, const Globals& globals, ResultInstance& result,
                    Findings& findings) {
  const auto& named = instance.version ? instance.version : globals.version;
  const bool ipv6 = is_ipv6(instance);
  result.version = ipv6 ? 3 : 2;
  if (!named || named->value == result.version) {
    return;
  }
  if (named->value == 3) {
    result.version = 3;
  } else if (named->value == 2) {
    findings.changed(named->place,
                     fmt::format("version 2 of {} becomes 3: version 2 has no IPv6 (RFC 3768), and "
                                 "the peer has to have 3, too",
                                 result.name));
  } else {
    findings.changed(named->place, fmt::format("version {}: there are 2 and 3, and {} has {}",
                                               named->value, result.name, result.version));
  }
}

void settle_interval(const Instance& instance, ResultInstance& result, Findings& findings) {
  result.advertisement_interval = 1s;
  if (!instance.advertisement_interval) {
    return;
  }
  const auto [place, wanted] = *instance.advertisement_interval;
  const auto interval =
      result.version == 3 ? rounded(wanted, 10ms, 10ms, 40950ms) : rounded(wanted, 1s, 1s, 255s);
  result.advertisement_interval = interval;
  if (interval == wanted) {
    return;
  }
  if (result.version == 2 && wanted % 1s != 0us) {
    findings.verdict(place, fmt::format("version 2 has whole seconds only: advert_int becomes {}; "
                                        "fractions need version 3 on both nodes",
                                        conf::to_string(interval)));
  } else {
    findings.changed(place, fmt::format("advert_int becomes {}, which version {} can carry",
                                        conf::to_string(interval), result.version));
  }
}

void settle_election(const Instance& instance, ResultInstance& result, Findings& findings) {
  const bool master = instance.state && instance.state->value == "MASTER";
  tell_of_state(instance, master, findings);
  settle_priority(instance, master, result, findings);
  settle_preemption(instance, master, result, findings);
}

}  // namespace haguard::conf::keepalived
