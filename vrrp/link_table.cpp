#include "vrrp/link_table.h"

#include <algorithm>
#include <utility>

namespace haguard::vrrp {
namespace {

/// The kernel allows one address twice on an interface, with different prefixes.
auto same_as(const InterfaceAddress& wanted) {
  return [&wanted](const InterfaceAddress& other) {
    return other.address == wanted.address && other.prefix_length == wanted.prefix_length;
  };
}

}  // namespace

LinkTable::LinkTable(std::set<IpAddress> virtual_addresses)
    : virtual_addresses_(std::move(virtual_addresses)) {}

void LinkTable::set(const Link& link) {
  links_.insert_or_assign(link.index, link);
}

void LinkTable::remove(const Link& link) {
  links_.erase(link.index);
  addresses_.erase(link.index);
}

void LinkTable::set(const InterfaceAddress& address) {
  if (virtual_addresses_.contains(address.address)) {
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
}

LinkStatus LinkTable::status(const std::string& interface) const {
  LinkStatus status;
  status.interface = interface;
  const auto found = std::ranges::find_if(
      links_, [&interface](const auto& entry) { return entry.second.name == interface; });
  if (found == links_.end()) {
    return status;
  }
  const Link& link = found->second;
  status.present = true;
  status.running = link.running;
  status.index = link.index;
  status.mac = link.mac;
  status.primary = primary(link.index);
  return status;
}

IpAddress LinkTable::primary(int index) const {
  const auto known = addresses_.find(index);
  if (known == addresses_.end() || known->second.empty()) {
    return {};
  }
  // The first of the better ones, else the first.
  return std::ranges::min_element(known->second, {}, &InterfaceAddress::inferior)->address;
}

}  // namespace haguard::vrrp
