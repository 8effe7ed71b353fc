// What no single value of an instance shows: settings that cannot be true together.

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "conf/reader.h"
#include "conf/sections.h"

namespace haguard::conf {
namespace {

/// What fits into one packet of 1500 bytes (RFC 9568 5.2.5 counts to 255).
constexpr std::ptrdiff_t kMostIpv6Addresses = (1500 - 40 - 8) / 16;

bool has(const Instance& instance, vrrp::Family family) {
  return std::ranges::any_of(instance.virtual_addresses, [family](const VirtualAddress& address) {
    return address.address.family() == family;
  });
}

void check_families(Table& table, const Instance& instance) {
  const auto value = table.find("virtual_addresses");
  if (!value || !has(instance, vrrp::Family::Ipv6)) {
    return;
  }
  if (instance.version == Version::V2) {
    value->error("IPv6 addresses need version 3");
  }
  const auto is_ipv6 = [](const VirtualAddress& address) {
    return address.address.family() == vrrp::Family::Ipv6;
  };
  const auto count = std::ranges::count_if(instance.virtual_addresses, is_ipv6);
  if (count > kMostIpv6Addresses) {
    value->error(
        fmt::format("{} IPv6 addresses, expected at most {}: more do not fit into one "
                    "advertisement; excluded_addresses takes the others",
                    count, kMostIpv6Addresses));
  }
  if (std::ranges::none_of(instance.virtual_addresses, [](const VirtualAddress& address) {
        return address.address.is_link_local();
      })) {
    value->warning(
        fmt::format("no link-local address: RFC 9568 (5.2.9) wants one in an IPv6 virtual router, "
                    "such as \"fe80::200:5eff:fe00:2{:02x}\"",
                    instance.virtual_router_id));
  }
}

void check_unicast(Table& table, const Instance& instance) {
  const auto value = table.find("unicast");
  if (!value || !instance.unicast) {
    return;
  }
  const auto family = instance.unicast->source.family();
  for (const VirtualAddress& address : instance.virtual_addresses) {
    if (address.address.family() != family) {
      value->error(
          fmt::format("{} is an {} address, the virtual address {} is not: it needs an "
                      "instance of its own, or goes into excluded_addresses",
                      instance.unicast->source.to_string(), vrrp::to_string(family),
                      address.address.to_string()));
      return;
    }
  }
}

void check_excluded(Table& table, const Instance& instance) {
  const auto value = table.find("excluded_addresses");
  for (const VirtualAddress& excluded : instance.excluded_addresses) {
    if (std::ranges::find(instance.virtual_addresses, excluded.address, &VirtualAddress::address) !=
        instance.virtual_addresses.end()) {
      value->error(
          fmt::format("{} is among virtual_addresses as well", excluded.address.to_string()));
    }
  }
}

void check_preemption(Table& table, const Instance& instance) {
  if (instance.preempt) {
    return;
  }
  if (is_owner(instance)) {
    table.find("preempt")->error(
        "false, but the owner of the addresses (priority 255) always preempts (RFC 9568 6.1)");
  }
  if (instance.preempt_delay != Duration::zero()) {
    table.find("preempt_delay")->error("there is nothing to delay, as preempt is false");
  }
}

void check_owner(Table& table, const Instance& instance) {
  if (is_owner(instance)) {
    table.find("priority")
        ->warning(
            "255 makes this node the owner of the addresses: it takes them without an election, "
            "also after a crash; 254 is as good for a pair and safer");
  }
}

void check_virtual_mac(Table& table, const Instance& instance) {
  if (!instance.use_virtual_mac) {
    return;
  }
  const auto value = table.find("use_virtual_mac");
  if (instance.unicast) {
    value->error("true, but advertisements to unicast peers need the interface's own MAC address");
  }
  if (is_owner(instance)) {
    value->error(
        "true, but the addresses of their owner (priority 255) are the machine's own, and answer "
        "with its MAC address; 254 is as good for a pair");
  }
}

}  // namespace

void refuse_contradictions(Table& table, const Instance& instance) {
  check_families(table, instance);
  check_unicast(table, instance);
  check_excluded(table, instance);
  check_preemption(table, instance);
  check_owner(table, instance);
  check_virtual_mac(table, instance);
}

void refuse_mixed_groups(Table& vrrp, const std::vector<Instance>& instances) {
  std::map<std::string, const Instance*> first;
  std::set<std::string> told;
  for (const Instance& instance : instances) {
    if (instance.sync_group.empty()) {
      continue;
    }
    const auto [known, fresh] = first.emplace(instance.sync_group, &instance);
    const Instance& other = *known->second;
    const auto differ = [&](std::string_view what) {
      if (told.insert(instance.sync_group).second) {
        vrrp.error(fmt::format(
            "sync_group \"{}\": the instances {} and {} become Active together, but only one {}",
            instance.sync_group, other.name, instance.name, what));
      }
    };
    if (is_owner(other) != is_owner(instance)) {
      differ("is the owner of its addresses (priority 255)");
    } else if (other.preempt != instance.preempt) {
      differ("has preempt = false");
    }
  }
}

}  // namespace haguard::conf
