#pragma once
// One virtual router of this node: the pure state machine with what it needs around it (its codec,
// its addresses, its schedule of announcements, the peers heard). Still no I/O and no clock.

#include <array>
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
  };

  /// `instance` must outlive it.
  VirtualRouter(RouterId id, const conf::Instance& instance, Instant now);

  [[nodiscard]] bool matches(std::string_view interface, int virtual_router_id) const;

  void link(const LinkChanged& link);
  void receive(const PacketArrived& packet, Instant now, Output& out);
  /// The kernel's answer to a batch.
  void applied(const std::string& error, Instant now, Output& out);
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
  /// Why it cannot take part, and how to leave because of it.
  struct Obstacle {
    std::string why;
    vrrp::Leave leave;
  };

  [[nodiscard]] std::optional<Obstacle> obstacle(bool stopping) const;
  void input(const vrrp::Input& input, Instant now, Output& out);
  void perform(const vrrp::RouterAction& action, Instant now, Output& out);
  void send(const vrrp::SendAdvertisement& what, Output& out);
  void announce(Output& out);
  void transition(const vrrp::Transition& transition, Instant now, Output& out);
  void reject(vrrp::Reject reject, const vrrp::IpAddress& source, Instant now, Output& out);
  void remember(const vrrp::IpAddress& source, int priority, Instant now);
  [[nodiscard]] vrrp::ChecksumForm checksum_form() const;

  RouterId id_;
  const conf::Instance* instance_;
  vrrp::RouterSettings settings_;
  vrrp::RouterState state_;
  vrrp::AnnounceSchedule announcements_;
  LinkChanged link_;
  health::Fitness fitness_;
  std::map<vrrp::IpAddress, Peer> peers_;
  std::map<std::string, vrrp::MacAddress, std::less<>>
      macs_;  ///< of the interfaces of our addresses
  std::optional<vrrp::ChecksumForm> heard_form_;
  std::optional<std::string> refused_;              ///< the kernel's words about our addresses
  Instant retry_at_ = kNever;                       ///< then the refusal is forgotten
  std::array<Instant, vrrp::kRejectCount> told_{};  ///< when a reject was last worth a log line
  bool assessed_ = false;
  std::string obstacle_;  ///< why it leaves, told with the transition
  std::string reason_ = "starting";
  Instant since_;
  std::uint64_t transitions_ = 0;
};

}  // namespace haguard::supervisor
