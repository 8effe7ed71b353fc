#pragma once
// One virtual router of this node: the pure state machine with what it needs around it (its codec,
// its addresses, its schedule of announcements, the peers heard). Still no I/O and no clock. Who
// may take part, and when to take over, is decided for its sync group as a whole.

#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "conf/config.h"
#include "conf/units.h"
#include "health/flapping.h"
#include "health/priority.h"
#include "supervisor/advertiser.h"
#include "supervisor/differences.h"
#include "supervisor/event.h"
#include "supervisor/holdings.h"
#include "vrrp/acceptance.h"
#include "vrrp/neighbor.h"
#include "vrrp/router.h"

namespace haguard::supervisor {

class VirtualRouter {
 public:
  struct Peer {
    int priority = 0;
    Instant last_advert;
  };
  /// Why it cannot take part, and how to leave because of it.
  struct Obstacle {
    std::string why;
    vrrp::Leave leave;
    bool waiting = false;  ///< for something that comes by itself: not a fault
  };

  /// `instance` must outlive it. `predecessor`: what the daemon before us held of it.
  VirtualRouter(RouterId id, const conf::Instance& instance, vrrp::Family family,
                std::optional<RecordedRouter> predecessor, Instant now);

  /// The same virtual router on the LAN and on this machine, whatever else is configured for it.
  [[nodiscard]] bool continues_as(const conf::Instance& instance, vrrp::Family family) const;
  /// Goes on as that, with its state, its timers and its peers: see continues_as. `instance` must
  /// outlive it. True when addresses are added, which the kernel may refuse.
  bool reconfigure(const conf::Instance& instance, Instant now, Output& out);
  /// It is not configured any more.
  void retire(Instant now, Output& out);
  /// It came while the daemon ran. Its group does not wait for it: it follows when it can.
  [[nodiscard]] bool newcomer() const { return newcomer_; }
  void mark_newcomer() { newcomer_ = true; }
  /// From now on it is like the others.
  void join() { newcomer_ = false; }

  void link(const LinkChanged& link);
  void device_checked(const DeviceChecked& device) { device_flaw_ = device.error; }
  void found(const AddressesFound& found, Instant now, Output& out);
  void claimed(const NeighborClaimed& claim, Instant now, Output& out);
  void stalled(Duration late, Instant now, Output& out);
  /// `taken`: the virtual router ids heard on that interface.
  void receive(const PacketArrived& packet, const VridSet& taken, Instant now, Output& out);
  /// The kernel's answer to a batch.
  void refused(const std::string& error, Instant now, Output& out);
  void rate(const health::Fitness& fitness, Output& out);
  /// Because of checks that count here.
  void hold_down(const health::HoldDown& checks);
  /// As Active: tells, once per best peer, which of the checks could fail without losing to it.
  void doubt_weights(const std::vector<health::Standing>& checks, Output& out);

  /// Everything is known that settle() needs.
  [[nodiscard]] bool known() const { return link_known_ && holdings_.known(); }
  [[nodiscard]] bool settled() const { return settled_; }
  /// What the predecessor left is complete, and its lease runs.
  [[nodiscard]] bool may_adopt() const;
  /// Once at start: go on with the addresses of a predecessor, or clear them away.
  void settle(bool adopt, Instant now, Output& out);

  [[nodiscard]] std::optional<Obstacle> obstacle(Order order) const;
  /// Leaves because of the obstacle, or takes part with the priority that it is worth.
  void follow(const std::optional<Obstacle>& obstacle, Instant now, Output& out);
  void yield(Instant now, Output& out);
  void wait_once_more(Instant now, Output& out);
  /// Active: offers a hand-over; what comes of it is seen in the state.
  void offer(Duration limit, Instant now, Output& out);
  /// How long a successor may take.
  [[nodiscard]] Duration release_limit() const { return vrrp::release_limit(settings_); }

  /// It would be Active if it were alone.
  [[nodiscard]] bool ready_to_take_over(Instant now) const;
  /// Does what is due; takes over only when it may. True when an obstacle has gone.
  bool advance(Instant now, bool may_take_over, Output& out);
  /// Of the state machine.
  [[nodiscard]] Instant election_deadline() const { return vrrp::next_deadline(state_); }
  /// Of everything else.
  [[nodiscard]] Instant chores_deadline() const;

  [[nodiscard]] RouterId id() const { return id_; }
  [[nodiscard]] vrrp::Family family() const { return family_; }
  /// "edge/ipv4"
  [[nodiscard]] std::string name() const;
  [[nodiscard]] const conf::Instance& instance() const { return *instance_; }
  [[nodiscard]] const Holdings& holdings() const { return holdings_; }
  [[nodiscard]] const vrrp::RouterState& state() const { return state_; }
  [[nodiscard]] const health::Fitness& fitness() const { return fitness_; }
  [[nodiscard]] const std::map<vrrp::IpAddress, Peer>& peers() const { return peers_; }
  [[nodiscard]] const std::string& reason() const { return reason_; }
  [[nodiscard]] Instant since() const { return since_; }
  [[nodiscard]] std::uint64_t transitions() const { return transitions_; }
  /// It does not preempt until then.
  [[nodiscard]] const health::HoldDown& held_down() const { return held_down_; }
  /// Where its virtual MAC address is; none: it uses that of the interface.
  [[nodiscard]] const std::optional<vrrp::VirtualDevice>& device() const { return device_; }
  /// The address we speak from: the unicast source, or the interface's own.
  [[nodiscard]] vrrp::IpAddress own_address() const;
  /// What a successor needs; nothing when there is nothing to go on with.
  [[nodiscard]] std::optional<RecordedRouter> record() const;
  /// Why the addresses that it holds would not be served again before a peer takes over, if the
  /// daemon ended now and another one began; nothing when it holds none.
  [[nodiscard]] std::optional<std::string> why_not_left() const;
  /// The record has changed since the last call.
  [[nodiscard]] bool take_record_change() { return std::exchange(record_changed_, false); }

 private:
  [[nodiscard]] static vrrp::RouterSettings settings_of(const conf::Instance& instance);
  [[nodiscard]] std::optional<Obstacle> link_obstacle() const;
  void input(const vrrp::Input& input, Instant now, Output& out);
  void perform(const vrrp::RouterAction& action, Instant now, Output& out);
  [[nodiscard]] bool would_lose(int priority) const;
  void add_addresses(Instant now, Output& out, bool renewal = false);
  void restore(Instant now, Output& out);
  void tell_restored(Output& out);
  void announce_all(Output& out);
  void transition(const vrrp::Transition& transition, Instant now, Output& out);
  void reject(vrrp::Reject reject, const vrrp::IpAddress& source, Instant now, Output& out,
              bool told_otherwise = false);
  void remember(const vrrp::IpAddress& source, int priority, Instant now);
  void tell_differences(const vrrp::Advertisement& advertisement, const vrrp::IpAddress& source,
                        const VridSet& taken, Output& out);
  void refuse(std::string why, Duration retry, Instant now);
  [[nodiscard]] vrrp::ChecksumForm checksum_form() const;

  RouterId id_;
  const conf::Instance* instance_;
  vrrp::Family family_;
  vrrp::RouterSettings settings_;
  vrrp::RouterState state_;
  Holdings holdings_;
  std::optional<vrrp::VirtualDevice> device_;
  std::string device_flaw_;  ///< why that cannot be had; empty: it can
  Advertiser advertiser_;
  vrrp::AnnounceSchedule announcements_;
  LinkChanged link_;
  bool link_known_ = false;
  health::Fitness fitness_;
  std::map<vrrp::IpAddress, Peer> peers_;
  Macs macs_;  ///< of the interfaces of our addresses
  std::optional<vrrp::ChecksumForm> heard_form_;
  Differences differences_;
  std::pair<int, vrrp::IpAddress> doubted_;  ///< the best peer that the weights were compared with

  std::optional<Holdings::Loss> lost_;  ///< to be put back, unless somebody better is heard first
  std::optional<std::string> refused_;  ///< why the addresses cannot be had
  Instant retry_at_ = kNever;           ///< then that is forgotten
  Instant startup_at_;                  ///< no election before; kNever once it has passed

  std::optional<RecordedRouter> predecessor_;
  bool settled_ = false;
  bool newcomer_ = false;
  bool adopted_ = false;    ///< Active, though not every check has had its first verdict
  bool inherited_ = false;  ///< an owner's addresses that were here before us
  bool record_changed_ = false;

  std::array<Instant, vrrp::kRejectCount> told_{};  ///< when a reject was last worth a log line
  std::map<vrrp::MacAddress, Instant> conflicts_told_;
  Instant defended_;
  bool rated_ = false;
  std::string obstacle_;  ///< why it leaves, told with the transition
  std::string reason_ = "starting";
  Instant since_;
  std::uint64_t transitions_ = 0;
  health::Flapping flapping_;  ///< into and out of Active
  health::HoldDown held_down_;
};

}  // namespace haguard::supervisor
