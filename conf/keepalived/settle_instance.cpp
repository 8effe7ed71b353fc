// An instance with keepalived's defaults, and the verdicts on it.

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "conf/keepalived/result.h"
#include "conf/keepalived/settle_election.h"
#include "conf/report.h"

namespace haguard::conf::keepalived {
namespace {

using namespace std::chrono_literals;

constexpr int kMostTutorialsHave = 51;
constexpr std::size_t kBytesOnTheWire = 8;
constexpr int kOwner = 255;
/// What an announcement at once is spread over (conf/haguard.toml, `garp`).
constexpr std::array<Duration, 7> kAnnouncements{0ms, 20ms, 100ms, 500ms, 1s, 2s, 5s};
constexpr Duration kLongestAnnouncement = 1h;
constexpr Duration kLongestRefresh = 24h;

void settle_interface(const Instance& instance, const Globals& globals, ResultInstance& result,
                      Findings& findings) {
  if (instance.interface) {
    result.interface = instance.interface->value;
    return;
  }
  result.interface = globals.interface ? globals.interface->value : "eth0";
  findings.warning(instance.place, fmt::format("{} names no interface: keepalived takes {}",
                                               result.name, in_quotes(result.interface)));
}

void settle_router_id(const Instance& instance, ResultInstance& result, Findings& findings) {
  if (!instance.virtual_router_id) {
    findings.warning(instance.place,
                     fmt::format("{} has no virtual_router_id, with which keepalived does not "
                                 "start: add the one of the peer",
                                 result.name));
    return;
  }
  const auto [place, id] = *instance.virtual_router_id;
  result.virtual_router_id = id;
  if (id == kMostTutorialsHave) {
    findings.verdict(place,
                     "virtual_router_id 51 is that of most tutorials: make sure that nobody else "
                     "on the network segment has it");
  }
}

/// keepalived has one family in an instance, that of the first address.
void settle_addresses(const Instance& instance, ResultInstance& result, Findings& findings) {
  for (const Address& address : instance.addresses) {
    if (address.address.family() == instance.addresses.front().address.family()) {
      result.addresses.push_back(address);
    } else {
      findings.verdict(address.place,
                       fmt::format("keepalived never sets {}, as the first address is of the other "
                                   "family: dropped; haguard can have both with version 3",
                                   address.text));
    }
  }
  for (const Address& address : instance.excluded) {
    if (std::ranges::find(result.addresses, address.address, &Address::address) ==
        result.addresses.end()) {
      result.excluded.push_back(address);
    } else {
      findings.dropped(address.place,
                       fmt::format("{} is in virtual_ipaddress already", address.text));
    }
  }
  if (result.addresses.empty()) {
    findings.warning(instance.place,
                     fmt::format("{} has no virtual_ipaddress: haguard needs one", result.name));
  }
}

std::vector<std::string> other_nodes(const Instance& instance, const std::string& source,
                                     Findings& findings) {
  std::vector<std::string> peers;
  for (const Peer& peer : instance.peers) {
    if (peer.address == source || std::ranges::find(peers, peer.address) != peers.end()) {
      findings.dropped(peer.place,
                       fmt::format("peer {}: {}", in_quotes(peer.address),
                                   peer.address == source ? "it is this node" : "it is there"));
    } else {
      peers.push_back(peer.address);
    }
  }
  return peers;
}

/// The least that all peers have to have; keepalived asks for none unless told.
int settle_min_ttl(const Instance& instance, Findings& findings) {
  int least = 255;
  for (const Peer& peer : instance.peers) {
    least = std::min(least, std::clamp(peer.min_ttl.value_or(1), 1, 255));
  }
  if (least == 1) {
    findings.warning(*instance.unicast,
                     "min_ttl = 1, as in keepalived: take the line out when no router is between "
                     "the nodes, so that nobody from afar is heard");
  }
  return least;
}

void settle_unicast(const Instance& instance, const Globals& globals, ResultInstance& result,
                    Findings& findings) {
  const std::string source = instance.unicast_source ? instance.unicast_source->value : "";
  if (!instance.unicast || instance.peers.empty()) {
    if (instance.unicast) {
      findings.verdict(*instance.unicast,
                       "unicast_peer without an address: keepalived uses multicast, and so does "
                       "the result");
    }
    if (instance.unicast_source) {
      findings.dropped(instance.unicast_source->place,
                       "unicast_src_ip without peers: multicast comes from the interface's first "
                       "address");
    }
    return;
  }
  if (source.empty()) {
    findings.warning(*instance.unicast,
                     "there is no unicast_src_ip: set unicast.source to this node's address");
  }
  if (!instance.checks_unicast_source && !globals.checks_unicast_source) {
    findings.verdict(*instance.unicast,
                     "without check_unicast_src keepalived heeds anybody who sends: haguard heeds "
                     "its peers only");
  }
  result.unicast = ResultUnicast{source, other_nodes(instance, source, findings),
                                 settle_min_ttl(instance, findings)};
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

void settle_password(const Instance& instance, ResultInstance& result, Findings& findings) {
  if (!instance.authentication) {
    return;
  }
  const auto& [place, type, password] = *instance.authentication;
  if (result.version == 3) {
    findings.verdict(place, "version 3 has no authentication, keepalived ignores it: dropped");
  } else if (type == "AH") {
    findings.dropped(place,
                     "authentication of type AH: haguard has none, so a peer with it is not heard; "
                     "take it off the peer as well");
  } else if (type != "PASS" || password.value.empty()) {
    findings.dropped(place, "authentication without \"auth_type PASS\" and a password");
  } else {
    result.password = password.value;
    if (result.password.size() > kBytesOnTheWire) {
      findings.verdict(password.place, "only the first 8 bytes of auth_pass go on the wire");
      // Half a character would be no text.
      result.password.resize(is_ascii(result.password) ? kBytesOnTheWire : result.password.size());
    }
  }
}

/// The second announcement of keepalived is the last one here.
void settle_garp(const Instance& instance, const Globals& globals, ResultInstance& result,
                 Findings& findings) {
  const auto& delay = instance.garp_delay ? instance.garp_delay : globals.garp_delay;
  const auto& refresh = instance.garp_refresh ? instance.garp_refresh : globals.garp_refresh;
  if (delay) {
    const auto last = std::min(delay->value, kLongestAnnouncement);
    std::ranges::copy_if(kAnnouncements, std::back_inserter(result.garp.schedule),
                         [last](Duration time) { return time == 0ms || time < last; });
    if (last != 0ms) {
      result.garp.schedule.push_back(last);
    }
    findings.changed(delay->place,
                     "the delay of the second announcement becomes the last time of garp.schedule, "
                     "with haguard's own times before it");
  }
  if (refresh) {
    const auto wanted = refresh->value;
    result.garp.refresh = wanted == 0s ? wanted : std::clamp<Duration>(wanted, 1s, kLongestRefresh);
  }
}

void settle_virtual_mac(const Instance& instance, ResultInstance& result, Findings& findings) {
  if (!instance.virtual_mac) {
    return;
  }
  result.virtual_mac = !result.unicast && result.priority != kOwner;
  if (!result.virtual_mac) {
    findings.dropped(*instance.virtual_mac,
                     "use_vmac: haguard has it neither with unicast peers nor with "
                     "priority 255");
  }
}

void settle_down_adverts(const Instance& instance, const Globals& globals, ResultInstance& result,
                         Findings& findings) {
  const auto& named = instance.down_adverts ? instance.down_adverts : globals.down_adverts;
  if (named) {
    result.down_adverts = std::clamp(named->value, 1, 100);
    if (result.down_adverts != named->value) {
      findings.changed(named->place, "the number of adverts missed becomes one from 1 to 100");
    }
  }
}

}  // namespace

ResultInstance settle_instance(const Instance& instance, const Globals& globals,
                               Findings& findings) {
  ResultInstance result;
  result.place = instance.place;
  result.name = instance.name;
  settle_interface(instance, globals, result, findings);
  settle_router_id(instance, result, findings);
  settle_addresses(instance, result, findings);
  settle_version(instance, globals, result, findings);
  settle_interval(instance, result, findings);
  settle_election(instance, result, findings);
  settle_unicast(instance, globals, result, findings);
  settle_password(instance, result, findings);
  settle_garp(instance, globals, result, findings);
  settle_virtual_mac(instance, result, findings);
  settle_down_adverts(instance, globals, result, findings);
  if (instance.checksum_as_v2 && result.version == 3) {
    result.checksum_as_v2 = true;
  } else if (instance.checksum_as_v2) {
    findings.dropped(*instance.checksum_as_v2, "v3_checksum_as_v2: this is version 2");
  }
  if (globals.startup_delay) {
    result.startup_delay = std::min<Duration>(globals.startup_delay->value, 24h);
  }
  return result;
}

}  // namespace haguard::conf::keepalived
