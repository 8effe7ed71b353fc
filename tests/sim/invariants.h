#pragma once
// What must be true after every step of a simulated LAN, whatever goes wrong on it. Bounds are
// derived where they stand.

#include <map>
#include <string>
#include <vector>

#include "tests/sim/world.h"

namespace haguard::sim {

class Invariants {
 public:
  /// `world` must outlive it; its instances are the same on all machines.
  explicit Invariants(World& world);

  /// Something was done to the LAN or to a machine: time for the bounds begins anew.
  void disturbed() { disturbed_ = world_.now(); }
  /// To be called after every step.
  void check();
  /// The first violation, or empty.
  [[nodiscard]] const std::string& violation() const { return violation_; }

 private:
  using Pair = std::pair<std::size_t, std::size_t>;
  /// Machines that hear each other both ways on one interface.
  struct Lan {
    std::vector<std::size_t> machines;
    bool sane = true;  ///< no one-way link, no loss
  };

  [[nodiscard]] std::map<int, Lan> lans(supervisor::RouterId router) const;
  [[nodiscard]] const conf::Instance& instance(supervisor::RouterId router) const {
    return *instances_[router];
  }
  [[nodiscard]] bool runs(std::size_t machine) const;
  [[nodiscard]] bool is(std::size_t machine, supervisor::RouterId router, vrrp::State state) const;
  [[nodiscard]] std::vector<Pair> active_pairs(supervisor::RouterId router, const Lan& lan) const;
  void check_two_actives(supervisor::RouterId router);
  void check_nobody(supervisor::RouterId router);
  void check_addresses(supervisor::RouterId router);
  void check_groups();
  void check_packets();
  void violated(const std::string& what);

  World& world_;
  std::vector<const conf::Instance*> instances_;  ///< by router
  Instant disturbed_;
  /// Since when two machines are Active on one LAN, and since when a LAN has nobody.
  std::map<supervisor::RouterId, std::map<Pair, Instant>> dual_;
  std::map<std::pair<supervisor::RouterId, int>, Instant> nobody_;
  Instant second_began_;
  std::vector<std::uint64_t> sent_before_;
  std::string violation_;
};

}  // namespace haguard::sim
