#include "health/on_link.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <ifaddrs.h>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <system_error>
#include <vector>

#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>

namespace haguard::health {
namespace {

using vrrp::Family;
using vrrp::IpAddress;

using List = std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)>;

struct Held {
  std::string interface;
  IpAddress address;
  unsigned prefix_length = 0;
};

std::optional<IpAddress> address_of(const sockaddr* address) {
  std::array<std::uint8_t, 16> bytes{};
  if (address == nullptr) {
    return std::nullopt;
  }
  if (address->sa_family == AF_INET) {
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, 4);
    return IpAddress::from_bytes(std::span(bytes).first(4));
  }
  if (address->sa_family == AF_INET6) {
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, 16);
    return IpAddress::from_bytes(bytes);
  }
  return std::nullopt;
}

unsigned length_of(const IpAddress& mask) {
  unsigned length = 0;
  for (const std::uint8_t byte : mask.bytes()) {
    length += static_cast<unsigned>(std::popcount(byte));
  }
  return length;
}

bool contains(const Held& held, const IpAddress& target) {
  for (unsigned bit = 0; bit < held.prefix_length; ++bit) {
    const unsigned mask = 0x80U >> bit % 8;
    if (((held.address.bytes()[bit / 8] ^ target.bytes()[bit / 8]) & mask) != 0) {
      return false;
    }
  }
  return true;
}

/// Those with a network, on interfaces that can be asked through, in the order of the kernel.
std::vector<Held> held_addresses(const ifaddrs* list, Family family) {
  std::vector<Held> all;
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    const bool usable =
        (entry->ifa_flags & IFF_UP) != 0 && (entry->ifa_flags & (IFF_LOOPBACK | IFF_NOARP)) == 0;
    const auto address = address_of(entry->ifa_addr);
    const auto mask = address_of(entry->ifa_netmask);
    if (usable && address && mask && address->family() == family &&
        length_of(*mask) < vrrp::host_prefix_length(family)) {
      all.push_back({entry->ifa_name, *address, length_of(*mask)});
    }
  }
  if (family == Family::Ipv6) {
    std::ranges::reverse(all);  // the kernel names the newest of an interface first
  }
  return all;
}

bool is_ours(const ifaddrs* list, const IpAddress& target) {
  for (; list != nullptr; list = list->ifa_next) {
    if (address_of(list->ifa_addr) == target) {
      return true;
    }
  }
  return false;
}

const Held* best_match(const std::vector<Held>& all, const IpAddress& target) {
  const Held* best = nullptr;
  for (const Held& held : all) {
    if (contains(held, target) && (best == nullptr || held.prefix_length > best->prefix_length)) {
      best = &held;
    }
  }
  return best;
}

/// Each link has the network fe80::/64.
bool is_ambiguous(const std::vector<Held>& all, const IpAddress& target) {
  std::set<std::string> interfaces;
  for (const Held& held : all) {
    if (target.is_link_local() && held.address.is_link_local()) {
      interfaces.insert(held.interface);
    }
  }
  return interfaces.size() > 1;
}

IpAddress source_on(const std::vector<Held>& all, const Held& match) {
  const auto link_local = std::ranges::find_if(all, [&match](const Held& held) {
    return held.interface == match.interface && held.address.family() == Family::Ipv6 &&
           held.address.is_link_local();
  });
  return link_local == all.end() ? match.address : link_local->address;
}

std::optional<OnLink> ethernet(const ifaddrs* list, const std::string& interface) {
  for (; list != nullptr; list = list->ifa_next) {
    if (list->ifa_addr == nullptr || list->ifa_addr->sa_family != AF_PACKET ||
        interface != list->ifa_name) {
      continue;
    }
    const auto& link = *reinterpret_cast<const sockaddr_ll*>(list->ifa_addr);
    OnLink result{interface, link.sll_ifindex, {}, {}};
    if (link.sll_hatype == ARPHRD_ETHER && link.sll_halen == result.mac.bytes.size()) {
      std::copy_n(link.sll_addr, result.mac.bytes.size(), result.mac.bytes.begin());
      return result;
    }
  }
  return std::nullopt;
}

}  // namespace

std::variant<OnLink, std::string> find_link(const IpAddress& target) {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) {
    return "cannot list the addresses: " + std::generic_category().message(errno);
  }
  const List list(first, &::freeifaddrs);
  const std::string name = target.to_string();
  if (is_ours(list.get(), target)) {
    return name + " is an address of this machine";
  }
  const auto all = held_addresses(list.get(), target.family());
  if (is_ambiguous(all, target)) {
    return name + " may be on more than one network of this machine";
  }
  const Held* match = best_match(all, target);
  if (match == nullptr) {
    return name + " is not on a network of this machine";
  }
  auto link = ethernet(list.get(), match->interface);
  if (!link) {
    return match->interface + " is no Ethernet";
  }
  link->source = source_on(all, *match);
  return *std::move(link);
}

}  // namespace haguard::health
