#pragma once
// The links and addresses of this network namespace, as far as they have been told, and what
// follows from them for one interface. Plain values: no netlink.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "vrrp/kernel.h"
#include "vrrp/link_messages.h"

namespace haguard::vrrp {

class LinkTable {
 public:
  /// `virtual_addresses` come and go with the role of this node: they are not kept.
  explicit LinkTable(std::set<IpAddress> virtual_addresses);

  void set(const Link& link);
  void remove(const Link& link);
  void set(const InterfaceAddress& address);
  void remove(const InterfaceAddress& address);
  void clear_links() { links_.clear(); }
  void clear_addresses() { addresses_.clear(); }

  [[nodiscard]] LinkStatus status(const std::string& interface) const;

 private:
  [[nodiscard]] IpAddress primary(int index) const;

  std::set<IpAddress> virtual_addresses_;
  std::map<int, Link> links_;
  /// By link, in kernel order. Apart from the links, because either may be told first.
  std::map<int, std::vector<InterfaceAddress>> addresses_;
};

}  // namespace haguard::vrrp
