// virtual_ipaddress, virtual_ipaddress_excluded and unicast_peer.

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>

#include "conf/keepalived/sections.h"
#include "conf/keepalived/values.h"
#include "conf/report.h"

namespace haguard::conf::keepalived {
namespace {

/// What an address may have that haguard sets by itself or not at all.
constexpr std::array<std::string_view, 6> kWithValue{"brd",  "broadcast",     "scope",
                                                     "peer", "preferred_lft", "track_group"};
constexpr std::array<std::string_view, 9> kAlone{"home",          "-nodad",   "nodad",
                                                 "mngtmpaddr",    "autojoin", "no_track",
                                                 "noprefixroute", "use_vmac", "optimistic"};

bool is_one_of(std::span<const std::string_view> words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

/// "10.0.0.5/24": the length is left out where it is that of a host.
std::optional<Address> parse_address(const Statement& statement, Findings& findings) {
  const std::string_view text = statement.keyword();
  const auto slash = std::min(text.find('/'), text.size());
  const auto address = vrrp::IpAddress::parse(text.substr(0, slash));
  if (!address) {
    findings.dropped(statement.place, fmt::format("{} is no address", in_quotes(text)));
    return std::nullopt;
  }
  Address result{statement.place, *address, address->to_string(), {}, {}};
  const int longest = vrrp::host_prefix_length(address->family());
  const auto length = slash < text.size() ? integer(text.substr(slash + 1)) : longest;
  if (!length || *length < 1 || *length > longest) {
    findings.changed(statement.place,
                     fmt::format("{}: the prefix length becomes {}", in_quotes(text), longest));
  } else if (*length != longest) {
    result.text += fmt::format("/{}", *length);
  }
  return result;
}

void read_properties(const Statement& statement, Address& address, Findings& findings) {
  for (std::size_t i = 1; i < statement.words.size(); ++i) {
    const std::string_view word = statement.argument(i);
    if (word == "dev") {
      address.interface = statement.argument(++i);
    } else if (word == "label" && address.address.family() == vrrp::Family::Ipv4) {
      address.label = statement.argument(++i);
    } else if (is_one_of(kWithValue, word) || word == "label") {
      ++i;
      findings.dropped(statement.place,
                       fmt::format("{} {} of {}: haguard sets address, interface and the label of "
                                   "an IPv4 address",
                                   word, in_quotes(statement.argument(i)), address.text));
    } else if (is_one_of(kAlone, word)) {
      findings.dropped(statement.place,
                       fmt::format("{} of {}: haguard sets address, interface and the label of "
                                   "an IPv4 address",
                                   word, address.text));
    } else {
      findings.dropped(statement.place,
                       fmt::format("{} behind {}: keepalived takes one address per line and "
                                   "ignores it, too",
                                   in_quotes(word), address.text));
    }
  }
}

}  // namespace

void read_addresses(const Statement& statement, std::vector<Address>& into, Findings& findings) {
  refuse_rest({statement.place, statement.words, {}, false}, 1, findings);
  for (const Statement& entry : statement.block) {
    auto address = parse_address(entry, findings);
    if (!address) {
      continue;
    }
    refuse_rest(entry, entry.words.size(), findings);
    read_properties(entry, *address, findings);
    if (std::ranges::find(into, address->address, &Address::address) != into.end()) {
      findings.dropped(entry.place, fmt::format("{} is listed already", address->text));
    } else if (has_room(into.size(), entry.place, findings)) {
      into.push_back(*std::move(address));
    }
  }
}

void read_peers(const Statement& statement, std::vector<Peer>& into, Findings& findings) {
  refuse_rest({statement.place, statement.words, {}, false}, 1, findings);
  for (const Statement& entry : statement.block) {
    const std::string_view text = entry.keyword();
    Peer peer{entry.place, std::string(text.substr(0, text.find('/'))), {}};
    if (peer.address != text) {
      findings.changed(entry.place, fmt::format("{}: a peer has no prefix length, keepalived "
                                                "ignores it, too",
                                                in_quotes(text)));
    }
    for (std::size_t i = 1; i < entry.words.size(); ++i) {
      const std::string_view word = entry.argument(i);
      if (word == "min_ttl") {
        peer.min_ttl = integer(entry.argument(++i));
      } else {
        findings.dropped(entry.place, fmt::format("{} of {}: haguard has min_ttl only",
                                                  in_quotes(word), in_quotes(peer.address)));
        i += word == "max_ttl" ? 1U : 0U;
      }
    }
    if (has_room(into.size(), entry.place, findings)) {
      into.push_back(std::move(peer));
    }
  }
}

}  // namespace haguard::conf::keepalived
