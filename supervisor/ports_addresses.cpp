// Ports: the addresses of the virtual routers, and the devices that some of them are on.

#include <utility>

#include <boost/asio/post.hpp>

#include "supervisor/ports.h"

namespace haguard::supervisor {
namespace {

/// Addresses. The kernel takes some 2 us for each, and tells everybody who listens.
constexpr std::size_t kRenewalsInTurn = 32;

vrrp::AddressTerms terms(const VirtualRouter& router) {
  const conf::Instance& instance = router.instance();
  return {instance.lease, conf::is_owner(instance), router.device() ? router.device()->name() : ""};
}

}  // namespace

void Ports::add(const std::vector<RouterId>& routers) {
  std::vector<vrrp::AddressBatch> batches;
  for (const RouterId router : routers) {
    if (const VirtualRouter* owner = node_.find(router)) {
      holding_.insert(router);
      batches.push_back({next_batch(router), owner->holdings().addresses(), terms(*owner)});
    }
  }
  kernel_.add(batches);
}

/// Later: nothing waits for it.
void Ports::put_off_renewal(RouterId router) {
  if (renewals_.empty()) {
    boost::asio::post(io_, [this] { may_renew_ = true; });
  }
  renewals_.push_back(router);
}

/// As many in a turn of the loop as the kernel is done with in a moment, in one train.
void Ports::renew_some() {
  if (!std::exchange(may_renew_, false)) {
    return;
  }
  std::vector<RouterId> chosen;
  for (std::size_t addresses = 0; addresses < kRenewalsInTurn && !renewals_.empty();) {
    const VirtualRouter* router = node_.find(renewals_.front());
    renewals_.pop_front();
    if (router != nullptr && vrrp::holds_addresses(router->state())) {
      chosen.push_back(router->id());
      addresses += router->holdings().addresses().size();
    }
  }
  add(chosen);
  if (!renewals_.empty()) {
    boost::asio::post(io_, [this] { may_renew_ = true; });
  }
}

void Ports::remove(RouterId router) {
  holding_.erase(router);
  const VirtualRouter* owner = node_.find(router);
  if (owner == nullptr) {
    return;
  }
  const auto& device = owner->device();
  // What is there by that name and not ours stays as it is, with all its addresses.
  if (device && devices_.is_foreign(*device)) {
    return;
  }
  kernel_.remove(next_batch(router), owner->holdings().addresses());
  if (device && resting_.insert(router).second) {
    boost::asio::post(io_, [this] { may_rest_ = true; });
  }
}

/// Later, and one in a turn of the loop, as it takes the kernel long: what is said on leaving is
/// urgent, and a device without addresses answers nothing.
void Ports::rest_one() {
  if (!std::exchange(may_rest_, false) || resting_.empty()) {
    return;
  }
  const VirtualRouter* router = node_.find(*resting_.begin());
  resting_.erase(resting_.begin());
  if (router != nullptr && !vrrp::holds_addresses(router->state())) {
    devices_.set_down(*router->device());
  }
  if (!resting_.empty()) {
    boost::asio::post(io_, [this] { may_rest_ = true; });
  }
}

/// A device of ours that is missing, or whose parent has come, is made.
void Ports::check_devices(const std::string& interface) {
  for (const VirtualRouter& router : node_.routers()) {
    if (router.device() &&
        (router.device()->parent == interface || router.device()->name() == interface)) {
      check_device(router);
    }
  }
}

void Ports::check_device(const VirtualRouter& router) {
  std::string error = devices_.ensure(*router.device());
  std::string& told = device_flaws_[router.id()];
  if (told != error) {
    told = error;
    emit(DeviceChecked{router.id(), std::move(error)});
  }
}

}  // namespace haguard::supervisor
