#pragma once
// The links and addresses of this network namespace, as far as they have been told, and what
// follows from them for one interface. No sockets: it is fed with messages.

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "vrrp/kernel.h"
#include "vrrp/link_messages.h"

namespace haguard::vrrp {

class LinkTable {
 public:
  /// `virtual_addresses` come and go with the role of this node: they are kept apart.
  explicit LinkTable(std::set<IpAddress> virtual_addresses);

  /// Everything is to be read anew after this.
  void keep_apart(std::set<IpAddress> virtual_addresses) {
    virtual_addresses_ = std::move(virtual_addresses);
  }

  /// Takes in a notification or a part of an answer; what is not about links and addresses, or not
  /// well-formed, is passed over.
  void apply(nlmsghdr& message);
  void clear_links() { links_.clear(); }
  void clear_addresses();

  [[nodiscard]] LinkStatus status(const std::string& interface) const;
  /// The virtual addresses that are on the interface, sorted; none when it is missing.
  [[nodiscard]] std::vector<HeldAddress> held(const std::string& interface) const;

 private:
  void set(const Link& link);
  void remove(const Link& link);
  void set(const InterfaceAddress& address);
  void remove(const InterfaceAddress& address);
  [[nodiscard]] const Link* find(const std::string& interface) const;
  [[nodiscard]] IpAddress primary(int index) const;
  [[nodiscard]] IpAddress link_local(int index) const;

  std::set<IpAddress> virtual_addresses_;
  std::map<int, Link> links_;
  /// By link: what may become primary or link_local, in the order told. Apart from the links,
  /// because either may be told first.
  std::map<int, std::vector<InterfaceAddress>> addresses_;
  /// By link: virtual address and prefix length -> whether it expires.
  std::map<int, std::map<std::pair<IpAddress, std::uint8_t>, bool>> virtual_;
};

}  // namespace haguard::vrrp
