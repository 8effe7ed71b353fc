#include "supervisor/differences.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "conf/duration.h"
#include "vrrp/timing.h"

namespace haguard::supervisor {
namespace {

/// Anybody on the LAN can invent sources.
constexpr std::size_t kMaxPeers = 64;

using Finding = Differences::Finding;

std::string list(const std::vector<vrrp::IpAddress>& addresses) {
  constexpr std::size_t kMostNamed = 4;
  std::string text;
  for (std::size_t i = 0; i < std::min(addresses.size(), kMostNamed); ++i) {
    text += (i == 0 ? "" : ", ") + addresses[i].to_string();
  }
  if (addresses.size() > kMostNamed) {
    text += fmt::format(" and {} more", addresses.size() - kMostNamed);
  }
  return text.empty() ? "no address" : text;
}

/// An id that another pair could have.
std::string suggestion(const conf::Instance& instance, const VridSet& taken) {
  for (std::size_t id = instance.virtual_router_id + 1U; id < taken.size(); ++id) {
    if (!taken.test(id)) {
      return fmt::format(" {} is a free one on {}", id, instance.interface);
    }
  }
  return {};
}

std::optional<Finding> addresses_differ(const conf::Instance& instance,
                                        const std::vector<vrrp::IpAddress>& ours,
                                        const std::vector<vrrp::IpAddress>& theirs,
                                        const VridSet& taken) {
  if (theirs == ours) {
    return std::nullopt;  // as nearly always
  }
  const std::set<vrrp::IpAddress> mine(ours.begin(), ours.end());
  if (std::set<vrrp::IpAddress>(theirs.begin(), theirs.end()) == mine) {
    return std::nullopt;
  }
  const bool foreign = std::ranges::none_of(
      theirs, [&](const vrrp::IpAddress& address) { return mine.contains(address); });
  if (foreign) {
    return Finding{
        Difference::Addresses,
        fmt::format("advertises {} with our virtual router id {}: another group?{}", list(theirs),
                    instance.virtual_router_id, suggestion(instance, taken))};
  }
  return Finding{Difference::Addresses,
                 fmt::format("advertises {}, we advertise {}", list(theirs), list(ours))};
}

std::optional<Finding> authentication_differs(const conf::Instance& instance,
                                              const vrrp::Advertisement& advertisement) {
  const bool ours = instance.password.has_value();
  const bool theirs = advertisement.auth_type == vrrp::AuthType::Password;
  if (advertisement.version == conf::Version::V3 || ours == theirs) {
    return std::nullopt;
  }
  return Finding{Difference::Authentication,
                 ours ? "sends no password, we do: its advertisements are rejected"
                      : "sends a password, we do not: its advertisements are rejected"};
}

std::vector<Finding> differences(const conf::Instance& instance,
                                 const std::vector<vrrp::IpAddress>& ours,
                                 const vrrp::Advertisement& advertisement, const VridSet& taken) {
  if (advertisement.version != instance.version) {
    return {{Difference::Version,
             fmt::format("runs version {} with our virtual router id {}, we run version {}: its "
                         "advertisements are rejected",
                         static_cast<int>(advertisement.version), instance.virtual_router_id,
                         static_cast<int>(instance.version))}};
  }
  std::vector<Finding> found;
  const bool v2 = instance.version == conf::Version::V2;
  // A router that resigns announces one centisecond so that others hurry.
  const bool hand_over = !v2 && advertisement.interval == vrrp::kShortestInterval;
  if (advertisement.interval != instance.advertisement_interval && !hand_over) {
    found.push_back({Difference::Interval,
                     fmt::format("advertises every {}, we every {}: {}",
                                 conf::to_string(advertisement.interval),
                                 conf::to_string(instance.advertisement_interval),
                                 v2 ? "version 2 rejects that" : "as Backup we follow it")});
  }
  if (auto finding = authentication_differs(instance, advertisement)) {
    found.push_back(*std::move(finding));
  }
  // RFC 9568 8.3.2
  if (conf::is_owner(instance) && advertisement.priority == vrrp::kPriorityOwner) {
    found.push_back(
        {Difference::Owner, "has priority 255 as we have: only one can own the addresses"});
  }
  if (auto finding = addresses_differ(instance, ours, advertisement.addresses, taken)) {
    found.push_back(*std::move(finding));
  }
  return found;
}

}  // namespace

std::vector<Finding> Differences::news(const conf::Instance& instance,
                                       const std::vector<vrrp::IpAddress>& ours,
                                       const vrrp::Advertisement& advertisement,
                                       const vrrp::IpAddress& peer, const VridSet& taken) {
  // Some send no addresses with their resignation.
  if (advertisement.priority == vrrp::kPriorityResign ||
      (told_.size() >= kMaxPeers && !told_.contains(peer))) {
    return {};
  }
  auto found = differences(instance, ours, advertisement, taken);
  if (found.empty()) {
    told_.erase(peer);
    return found;
  }
  std::bitset<kDifferenceCount> now;
  for (const Finding& finding : found) {
    now.set(static_cast<std::size_t>(finding.what));
  }
  const auto told = std::exchange(told_[peer], now);
  std::erase_if(found, [&](const Finding& finding) {
    return told.test(static_cast<std::size_t>(finding.what));
  });
  return found;
}

}  // namespace haguard::supervisor
