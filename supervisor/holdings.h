#pragma once
// The virtual addresses of one router on this machine: which they are, which of them the kernel
// has, when their lease is due, and who takes them away.

#include <chrono>
#include <deque>
#include <set>
#include <string>
#include <vector>

#include "conf/config.h"
#include "conf/units.h"
#include "supervisor/event.h"
#include "vrrp/address.h"

namespace haguard::supervisor {

class Holdings {
 public:
  Holdings(const conf::Instance& instance, vrrp::Family family);

  /// All that are set and removed. The excluded ones of a family without a router of its own are
  /// with the first router.
  [[nodiscard]] const std::vector<conf::VirtualAddress>& addresses() const { return addresses_; }
  /// Those that an advertisement lists; in IPv6 a link-local one comes first (RFC 9568 5.2.9).
  [[nodiscard]] const std::vector<vrrp::IpAddress>& advertised() const { return advertised_; }
  [[nodiscard]] bool uses(const std::string& interface) const;
  [[nodiscard]] bool contains(const std::string& interface, const vrrp::IpAddress& address) const;

  struct Change {
    std::vector<conf::VirtualAddress> dropped;
    bool more = false;  ///< some are new
  };
  /// Goes on with those of `instance`, which are to be dropped and added where there are any now.
  Change reconfigure(const conf::Instance& instance, vrrp::Family family);

  /// The kernel was told to add them, or to renew their lease.
  void added(Instant now);
  void removed();
  /// When the lease is to be renewed; kNever without one.
  [[nodiscard]] Instant renew_at() const { return renew_at_; }

  struct Loss {
    std::vector<vrrp::IpAddress> addresses;
    bool expired = false;  ///< nobody renewed them in time; else somebody removed them
  };
  /// What of the added ones has gone since.
  [[nodiscard]] Loss found(const AddressesFound& found, Instant now);
  /// Removed by somebody so often that putting them back is no cure.
  [[nodiscard]] bool contested(Instant now) const;

  /// Every interface of theirs has been read.
  [[nodiscard]] bool known() const;
  /// Each of them is there, with a lease that runs.
  [[nodiscard]] bool leased() const;

 private:
  void take(const conf::Instance& instance, vrrp::Family family);

  std::vector<conf::VirtualAddress> addresses_;
  std::vector<vrrp::IpAddress> advertised_;
  Duration lease_{};
  std::set<std::string> read_;  ///< interfaces
  std::set<std::pair<std::string, vrrp::IpAddress>> present_;
  std::set<std::pair<std::string, vrrp::IpAddress>> expiring_;
  bool held_ = false;
  Instant renewed_{};
  Instant renew_at_ = kNever;
  std::deque<Instant> removals_;
};

}  // namespace haguard::supervisor
