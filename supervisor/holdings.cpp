#include "supervisor/holdings.h"

#include <algorithm>
#include <iterator>

namespace haguard::supervisor {
namespace {

/// Somebody who removes an address this often means it.
constexpr std::size_t kRemovalsUntilContested = 5;
constexpr Duration kContestWindow = std::chrono::minutes(1);
/// Two renewals may be missed.
constexpr int kRenewalsPerLease = 3;

/// The excluded addresses of other families than the instance's routers have.
bool is_left_over(const conf::Instance& instance, vrrp::Family family, vrrp::Family other) {
  const auto families = conf::families(instance);
  return std::ranges::find(families, other) == families.end() && families.front() == family;
}

}  // namespace

Holdings::Holdings(const conf::Instance& instance, vrrp::Family family) {
  take(instance, family);
}

void Holdings::take(const conf::Instance& instance, vrrp::Family family) {
  lease_ = instance.lease;
  addresses_.clear();
  advertised_.clear();
  for (const conf::VirtualAddress& address : instance.virtual_addresses) {
    if (address.address.family() == family) {
      addresses_.push_back(address);
      advertised_.push_back(address.address);
    }
  }
  std::stable_partition(advertised_.begin(), advertised_.end(),
                        [](const vrrp::IpAddress& address) { return address.is_link_local(); });
  for (const conf::VirtualAddress& address : instance.excluded_addresses) {
    const auto other = address.address.family();
    if (other == family || is_left_over(instance, family, other)) {
      addresses_.push_back(address);
    }
  }
}

Holdings::Change Holdings::reconfigure(const conf::Instance& instance, vrrp::Family family) {
  const auto former = addresses_;
  take(instance, family);
  if (former == addresses_) {
    return {};  // as nearly always
  }
  const auto missing_in = [](const std::vector<conf::VirtualAddress>& list) {
    return [&list](const conf::VirtualAddress& address) {
      return std::ranges::find(list, address) == list.end();
    };
  };
  Change change;
  std::ranges::copy_if(former, std::back_inserter(change.dropped), missing_in(addresses_));
  change.more = std::ranges::any_of(addresses_, missing_in(former));
  for (const conf::VirtualAddress& address : change.dropped) {
    present_.erase({address.interface, address.address});
    expiring_.erase({address.interface, address.address});
  }
  return change;
}

bool Holdings::uses(const std::string& interface) const {
  return std::ranges::find(addresses_, interface, &conf::VirtualAddress::interface) !=
         addresses_.end();
}

bool Holdings::contains(const std::string& interface, const vrrp::IpAddress& address) const {
  return std::ranges::any_of(addresses_, [&](const conf::VirtualAddress& own) {
    return own.interface == interface && own.address == address;
  });
}

void Holdings::added(Instant now) {
  held_ = true;
  renewed_ = now;
  renew_at_ = lease_ == Duration::zero() ? kNever : now + lease_ / kRenewalsPerLease;
}

void Holdings::removed() {
  held_ = false;
  renew_at_ = kNever;
  present_.clear();
}

Holdings::Loss Holdings::found(const AddressesFound& found, Instant now) {
  read_.insert(found.interface);
  Loss loss;
  for (const conf::VirtualAddress& own : addresses_) {
    if (own.interface != found.interface) {
      continue;
    }
    const std::pair key(own.interface, own.address);
    const auto there =
        std::ranges::lower_bound(found.addresses, own.address, {}, &FoundAddress::address);
    const bool present = there != found.addresses.end() && there->address == own.address;
    if (present) {
      present_.insert(key);
    } else if (present_.erase(key) > 0 && held_) {
      loss.addresses.push_back(own.address);
    }
    if (present && there->expires) {
      expiring_.insert(key);
    } else {
      expiring_.erase(key);
    }
  }
  loss.expired = lease_ != Duration::zero() && now - renewed_ >= lease_;
  if (!loss.addresses.empty() && !loss.expired) {
    removals_.push_back(now);
    if (removals_.size() > kRemovalsUntilContested) {
      removals_.pop_front();
    }
  }
  return loss;
}

bool Holdings::contested(Instant now) const {
  return removals_.size() >= kRemovalsUntilContested && now - removals_.front() < kContestWindow;
}

bool Holdings::known() const {
  return std::ranges::all_of(addresses_, [this](const conf::VirtualAddress& address) {
    return read_.contains(address.interface);
  });
}

bool Holdings::leased() const {
  return std::ranges::all_of(addresses_, [this](const conf::VirtualAddress& address) {
    return expiring_.contains({address.interface, address.address});
  });
}

}  // namespace haguard::supervisor
