// VirtualRouter: what becomes of it when the configuration changes while it runs.

#include "supervisor/virtual_router.h"

namespace haguard::supervisor {

vrrp::RouterSettings VirtualRouter::settings_of(const conf::Instance& instance) {
  return {instance.version, instance.advertisement_interval, instance.down_adverts,
          instance.preempt, instance.preempt_delay,          instance.fast_abdication};
}

bool VirtualRouter::continues_as(const conf::Instance& instance, vrrp::Family family) const {
  return instance_->interface == instance.interface && family_ == family &&
         instance_->virtual_router_id == instance.virtual_router_id &&
         conf::virtual_device(instance, family) == device_ &&
         conf::is_owner(instance) == conf::is_owner(*instance_);
}

bool VirtualRouter::reconfigure(const conf::Instance& instance, Instant now, Output& out) {
  const conf::Instance& former = *instance_;
  const bool other_lease = former.lease != instance.lease;
  const bool reannounced = !(former.garp == instance.garp);
  instance_ = &instance;
  settings_ = settings_of(instance);
  advertiser_.forget();
  record_changed_ = true;
  if (reannounced) {
    announcements_ = vrrp::AnnounceSchedule(instance.garp);
  }
  const Holdings::Change change = holdings_.reconfigure(instance, family_);
  if (!vrrp::holds_addresses(state_)) {
    return false;
  }
  if (!change.dropped.empty()) {
    out.actions.emplace_back(DropAddresses{id_, change.dropped});
  }
  if (state_.state == vrrp::State::Active && (change.more || reannounced)) {
    input(vrrp::AddressesLost{}, now, out);  // sets them all and announces them
    return change.more;
  }
  if (other_lease) {
    add_addresses(now, out);
  }
  return false;
}

void VirtualRouter::retire(Instant now, Output& out) {
  follow(Obstacle{"not configured any more", vrrp::Leave::Fault}, now, out);
}

}  // namespace haguard::supervisor
