#pragma once
// Virtual routers that become Active and Backup together: the two families of an instance, and
// all instances with the same sync_group. All or nothing:
//  - what keeps one of them from taking part keeps all of them;
//  - they take over when each of them would, so one that still hears a better router holds the
//    others back;
//  - when one of them gives way, the others hand over.

#include <set>
#include <string>
#include <vector>

#include "conf/units.h"
#include "supervisor/event.h"
#include "supervisor/virtual_router.h"

namespace haguard::supervisor {

class SyncGroup {
 public:
  using Routers = std::vector<VirtualRouter>;

  /// Where a router stands among `routers`, in all of these functions.
  using Place = std::size_t;

  explicit SyncGroup(std::vector<Place> members) : members_(std::move(members)) {}

  /// Who may take part, and with which priority.
  void decide(Routers& routers, Order order, Instant now, Output& out) const;
  /// Those that are Active offer what they hold, all of them for the same time. When each offer is
  /// answered they leave; otherwise none does.
  void offer(Routers& routers, Instant now, Output& out) const;
  /// After anything that may have made one of them give way.
  void align(Routers& routers, Instant now, Output& out) const;
  /// True when there is something to decide.
  bool advance(Routers& routers, Instant now, Output& out);
  [[nodiscard]] Instant next_deadline(const Routers& routers) const;
  /// That of one of them: see VirtualRouter.
  [[nodiscard]] bool take_record_change(Routers& routers) const;
  [[nodiscard]] const std::vector<Place>& members() const { return members_; }

 private:
  void settle(Routers& routers, Order order, Instant now, Output& out) const;
  void complete_offer(Routers& routers, Instant now, Output& out) const;
  void share_hold_down(Routers& routers) const;
  [[nodiscard]] Instant take_over_due(const Routers& routers) const;
  /// True when the group is to take over now; it waits when it has overslept.
  bool may_take_over(Routers& routers, Instant now, Output& out) const;
  void tell_held_back(const Routers& routers, Instant now, Output& out);
  [[nodiscard]] Instant held_back_due(const Routers& routers, Instant take_over) const;

  void welcome(Routers& routers) const;

  std::vector<Place> members_;
  std::set<Place> told_;  ///< held back, and said so
};

/// Every router is in exactly one group.
[[nodiscard]] std::vector<SyncGroup> make_groups(const std::vector<VirtualRouter>& routers);

}  // namespace haguard::supervisor
