#include "vrrp/link_table.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <linux/rtnetlink.h>

namespace haguard::vrrp {
namespace {

/// The kernel allows one IPv4 address twice on an interface, with different prefixes.
auto same_as(const InterfaceAddress& wanted) {
  return [&wanted](const InterfaceAddress& other) {
    return other.address == wanted.address && other.prefix_length == wanted.prefix_length;
  };
}

}  // namespace

LinkTable::LinkTable(std::set<IpAddress> virtual_addresses)
    : virtual_addresses_(std::move(virtual_addresses)) {}

void LinkTable::apply(nlmsghdr& message) {
  const auto type = message.nlmsg_type;
  if (type == RTM_NEWLINK || type == RTM_DELLINK) {
    if (const auto link = parse_link(message)) {
      type == RTM_NEWLINK ? set(*link) : remove(*link);
    }
  } else if (type == RTM_NEWADDR || type == RTM_DELADDR) {
    if (const auto address = parse_address(message)) {
      type == RTM_NEWADDR ? set(*address) : remove(*address);
    }
  }
}

void LinkTable::clear_addresses() {
  addresses_.clear();
  virtual_.clear();
}

void LinkTable::set(const Link& link) {
  links_.insert_or_assign(link.index, link);
}

void LinkTable::remove(const Link& link) {
  links_.erase(link.index);
  addresses_.erase(link.index);
  virtual_.erase(link.index);
}

void LinkTable::set(const InterfaceAddress& address) {
  if (virtual_addresses_.contains(address.address)) {
    virtual_[address.index][{address.address, address.prefix_length}] = address.expires;
    return;
  }
  if (address.address.family() == Family::Ipv6 && !address.address.is_link_local()) {
    return;
  }
  auto& known = addresses_[address.index];
  const auto place = std::ranges::find_if(known, same_as(address));
  if (place == known.end()) {
    known.push_back(address);
  } else {
    *place = address;
  }
}

void LinkTable::remove(const InterfaceAddress& address) {
  if (const auto known = addresses_.find(address.index); known != addresses_.end()) {
    std::erase_if(known->second, same_as(address));
  }
  if (const auto known = virtual_.find(address.index); known != virtual_.end()) {
    known->second.erase({address.address, address.prefix_length});
  }
}

const Link* LinkTable::find(const std::string& interface) const {
  const auto found = std::ranges::find_if(
      links_, [&interface](const auto& entry) { return entry.second.name == interface; });
  return found == links_.end() ? nullptr : &found->second;
}

LinkStatus LinkTable::status(const std::string& interface) const {
  LinkStatus status;
  status.interface = interface;
  const Link* link = find(interface);
  if (link == nullptr) {
    return status;
  }
  status.present = true;
  status.running = link->running;
  status.index = link->index;
  status.mac = link->mac;
  status.primary = primary(link->index);
  status.link_local = link_local(link->index);
  return status;
}

std::vector<HeldAddress> LinkTable::held(const std::string& interface) const {
  const Link* link = find(interface);
  const auto known = link == nullptr ? virtual_.end() : virtual_.find(link->index);
  std::vector<HeldAddress> held;
  if (known == virtual_.end()) {
    return held;
  }
  for (const auto& [key, expires] : known->second) {
    if (!held.empty() && held.back().address == key.first) {
      // There twice, with different prefixes: it stays as long as one of them does.
      held.back().expires = held.back().expires && expires;
    } else {
      held.push_back({key.first, expires});
    }
  }
  return held;
}

IpAddress LinkTable::primary(int index) const {
  const auto known = addresses_.find(index);
  const InterfaceAddress* best = nullptr;
  if (known != addresses_.end()) {
    for (const InterfaceAddress& candidate : known->second) {
      // The first of the better ones, else the first.
      if (candidate.address.family() == Family::Ipv4 &&
          (best == nullptr || (best->inferior && !candidate.inferior))) {
        best = &candidate;
      }
    }
  }
  return best == nullptr ? IpAddress() : best->address;
}

IpAddress LinkTable::link_local(int index) const {
  const auto known = addresses_.find(index);
  std::optional<IpAddress> lowest;
  if (known != addresses_.end()) {
    for (const InterfaceAddress& candidate : known->second) {
      if (candidate.address.is_link_local() && candidate.usable &&
          (!lowest || candidate.address < *lowest)) {
        lowest = candidate.address;
      }
    }
  }
  return lowest.value_or(IpAddress());
}

}  // namespace haguard::vrrp
