// Node::reconfigure: one step from the running configuration to the next.

#include <algorithm>

#include "supervisor/node.h"

namespace haguard::supervisor {

std::set<RouterId> Node::reconfigure(const conf::Config& next, Instant now, Output& out) {
  Output changes;
  std::set<RouterId> grown;
  routers_ = successors(next, now, grown, changes);
  // An address may go from one router to another.
  std::stable_partition(changes.actions.begin(), changes.actions.end(), [](const Action& action) {
    return std::holds_alternative<DropAddresses>(action) ||
           std::holds_alternative<RemoveAddresses>(action);
  });
  std::ranges::move(changes.actions, std::back_inserter(out.actions));
  std::ranges::move(changes.notices, std::back_inserter(out.notices));
  arrange();
  checks_.reconfigure(next, now, out);
  config_ = &next;
  drain_.change(next.haproxy.drain_timeout);
  if (reloads_) {
    reloads_->change(next.haproxy.reload);
  }
  if (managed_) {
    managed_->change(next.haproxy);
  }
  decide(now, out);
  return grown;
}

/// The routers of the next configuration; those that have no place there leave.
std::vector<VirtualRouter> Node::successors(const conf::Config& next, Instant now,
                                            std::set<RouterId>& grown, Output& out) {
  std::vector<VirtualRouter> successors;
  successors.reserve(std::max(routers_.size(), next.instances.size()));
  std::vector<bool> stays(routers_.size());
  for (const conf::Instance& instance : next.instances) {
    for (const vrrp::Family family : conf::families(instance)) {
      const auto place = index_.find(instance.interface, family, instance.virtual_router_id);
      if (!place || !routers_[*place].continues_as(instance, family)) {
        successors.emplace_back(next_id_++, instance, family, std::nullopt, now).mark_newcomer();
        continue;
      }
      stays[*place] = true;
      VirtualRouter& same = routers_[*place];
      if (same.reconfigure(instance, now, out)) {
        grown.insert(same.id());
      }
      successors.push_back(std::move(same));
    }
  }
  retired_.clear();
  for (std::size_t place = 0; place < routers_.size(); ++place) {
    if (!stays[place]) {
      routers_[place].retire(now, out);
      retired_.push_back(std::move(routers_[place]));
    }
  }
  return successors;
}

VirtualRouter* Node::find(RouterId id) {
  const auto place = index_.find(id);
  return place ? &routers_[*place] : nullptr;
}

const VirtualRouter* Node::find(RouterId id) const {
  if (const auto place = index_.find(id)) {
    return &routers_[*place];
  }
  const auto router = std::ranges::find(retired_, id, &VirtualRouter::id);
  return router == retired_.end() ? nullptr : &*router;
}

}  // namespace haguard::supervisor
