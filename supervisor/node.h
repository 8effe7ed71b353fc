#pragma once
// The decision core of the daemon: facts in, actions and notices out. Holds the virtual routers,
// the checks and HAProxy's monitor, and nothing that touches the world; it is told the time. The
// daemon's loop and the simulated world drive the same class.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "conf/config.h"
#include "supervisor/agenda.h"
#include "supervisor/checks.h"
#include "supervisor/drain.h"
#include "supervisor/event.h"
#include "supervisor/managed.h"
#include "supervisor/messages.h"
#include "supervisor/reloads.h"
#include "supervisor/router_index.h"
#include "supervisor/status.h"
#include "supervisor/sync_group.h"
#include "supervisor/virtual_router.h"

namespace haguard::supervisor {

class Node {
 public:
  /// `config` must outlive the node, or the second reconfigure(). `predecessor`: what the daemon
  /// before us on this machine held; `saved`: whether it was drained. Call start() before anything
  /// else.
  Node(const conf::Config& config, std::vector<RecordedRouter> predecessor, Instant now,
       const SavedMode& saved = {});

  void start(Instant now, Output& out);
  /// Goes on with `next`, in one step: what did not change keeps its state, its timers and its
  /// addresses. See takes_a_restart() for what may not differ, and `config` above for lifetimes.
  /// The facts about links and addresses are to be told anew. The routers that have got addresses,
  /// which the kernel may refuse.
  [[nodiscard]] std::set<RouterId> reconfigure(const conf::Config& next, Instant now, Output& out);
  void handle(const Event& event, Instant now, Output& out);
  /// Does what is due. To be called after all events that had arrived by `now` were handled.
  void advance(Instant now, Output& out);
  [[nodiscard]] Instant next_deadline() const;

  /// In the order of the configuration.
  [[nodiscard]] const std::vector<VirtualRouter>& routers() const { return routers_; }
  /// Also one that went with the last reconfigure(). Null when there is none.
  [[nodiscard]] const VirtualRouter* find(RouterId id) const;
  /// Null when there is none any more.
  [[nodiscard]] const conf::Check* check(CheckId id) const { return checks_.settings(id); }
  [[nodiscard]] const conf::Config& config() const { return *config_; }
  /// Whether that is the device of a virtual MAC address of ours.
  [[nodiscard]] bool is_device(std::string_view interface) const;
  /// Whether a stop at `now` leaves the addresses to the daemon that is started next.
  [[nodiscard]] bool stays(Instant now) const { return now < stay_until_ && !why_not_stay(); }
  [[nodiscard]] Names names() const;
  /// `wall` is the wall clock's time at `now`.
  [[nodiscard]] Status snapshot(Instant now, WallTime wall) const;

 private:
  [[nodiscard]] VirtualRouter* find(RouterId id);
  [[nodiscard]] std::vector<VirtualRouter> successors(const conf::Config& next, Instant now,
                                                      std::set<RouterId>& grown, Output& out);
  void link_changed(const LinkChanged& link, Instant now, Output& out);
  void packet_arrived(const PacketArrived& packet, Instant now, Output& out);
  /// True when it was for them.
  bool inform_reloads(const Event& event, Instant now, Output& out);
  void inform_routers(const Event& event, Instant now, Output& out);
  /// True when the event was for the drain.
  bool drain_asked(const Event& event, Instant now, Output& out);
  void advance_drain(Instant now, Output& out);
  [[nodiscard]] Drain::Scene scene() const;
  [[nodiscard]] Order order() const { return stopping_ ? Order::Stop : drain_.order(); }
  /// Gives every router its fitness and says who may take part.
  void decide(Instant now, Output& out);
  /// After anything that may have changed the state of one of its routers.
  void align(std::size_t group, Instant now, Output& out);
  /// After the groups have been aligned.
  void conclude(Instant now, Output& out);
  void save_record(Output& out);
  void arrange();

  // supervisor/node_stop.cpp
  void stop(Instant now, Output& out);
  void stay_asked(const StayRequested& asked, Instant now, Output& out);
  [[nodiscard]] std::optional<std::string> why_not_stay() const;
  void exit_when_released(Instant now, Output& out);

  const conf::Config* config_;
  Instant started_;
  bool stopping_ = false;
  bool exited_ = false;
  Instant stay_until_{};  ///< a stop before is part of a restart
  std::map<std::string, LinkNoted> links_;
  std::vector<VirtualRouter> routers_;
  std::vector<VirtualRouter> retired_;  ///< with the last change: what they did is yet to be told
  RouterId next_id_ = 0;
  std::vector<SyncGroup> groups_;
  RouterIndex index_;
  Agenda agenda_;                 ///< of the groups
  std::vector<std::size_t> due_;  ///< groups: only used within advance()
  bool record_changed_ = false;
  std::map<std::string, VridSet, std::less<>> vrids_;  ///< of others, by interface
  std::vector<RecordedRouter> recorded_;               ///< as saved last
  Checks checks_;
  std::optional<Reloads> reloads_;  ///< none: HAProxy is not watched
  std::optional<Managed> managed_;  ///< none: somebody else runs HAProxy
  Drain drain_;
};

}  // namespace haguard::supervisor
