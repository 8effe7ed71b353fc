#pragma once
// One virtual router of this node: the pure state machine with what it needs around it (its codec,
// its addresses, its schedule of announcements, the peers heard). Still no I/O and no clock.

#include <map>
#include <optional>
#include <string>

#include "conf/config.h"
#include "conf/units.h"
#include "health/priority.h"
#include "supervisor/event.h"
#include "vrrp/acceptance.h"
#include "vrrp/neighbor.h"
#include "vrrp/router.h"

namespace haguard::supervisor {

class VirtualRouter {
 public:
  struct Peer {
    int priority = 0;
    Instant last_advert;
    vrrp::ChecksumForm form = vrrp::ChecksumForm::PseudoHeader;
  };

  /// `instance` must outlive it.
  VirtualRouter(RouterId id, const conf::Instance& instance, Instant now);

  [[nodiscard]] bool matches(std::string_view interface, int virtual_router_id) const;

  void link(const LinkChanged& link);
  void receive(const PacketArrived& packet, Instant now, Output& out);
  /// The kernel's answer to the last batch.
  void applied(const std::string& error, Output& out);
  /// Who we are now: fit or not, with which priority; `stopping` overrides everything.
  void assess(const health::Fitness& fitness, bool stopping, Instant now, Output& out);
  void advance(Instant now, Output& out);
  [[nodiscard]] Instant next_deadline() const;

  [[nodiscard]] const conf::Instance& instance() const { return *instance_; }
  [[nodiscard]] const vrrp::RouterState& state() const { return state_; }
  [[nodiscard]] const health::Fitness& fitness() const { return fitness_; }
  [[nodiscard]] const std::map<vrrp::IpAddress, Peer>& peers() const { return peers_; }
  [[nodiscard]] const std::string& reason() const { return reason_; }
  [[nodiscard]] Instant since() const { return since_; }
  [[nodiscard]] std::uint64_t transitions() const { return transitions_; }
  /// The address we speak from: the unicast source, or the interface's primary one.
  [[nodiscard]] vrrp::IpAddress own_address() const;

 private:
  void input(const vrrp::Input& input, Instant now, Output& out);
  void perform(const vrrp::RouterAction& action, Instant now, Output& out);
  void send(const vrrp::SendAdvertisement& advertisement, Output& out);
  void announce(Output& out);
  void transition(const vrrp::Transition& transition, Instant now, Output& out);

  RouterId id_;
  const conf::Instance* instance_;
  vrrp::RouterSettings settings_;
  vrrp::RouterState state_;
  vrrp::AnnounceSchedule announcements_;
  LinkChanged link_;
  health::Fitness fitness_;
  std::map<vrrp::IpAddress, Peer> peers_;
  std::string obstacle_ = "starting";  ///< why it is in Initialize
  std::string reason_ = "starting";
  Instant since_;
  std::uint64_t transitions_ = 0;
};

}  // namespace haguard::supervisor
