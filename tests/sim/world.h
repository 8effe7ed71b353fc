#pragma once
// Several nodes on one LAN in one process: the daemon's own decision core, one clock that jumps
// from event to event, and a LAN with delay, loss and partitions. Everything random comes from one
// seed, so a seed is a run.
//
//   World world(1);
//   world.add(two nodes); world.run_for(5s);       // elect
//   world.node(0).healthy = false;                 // its check fails from now on
//   world.run_for(1s); world.active();             // who holds the address now?

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <string>
#include <vector>

#include "conf/config.h"
#include "conf/units.h"
#include "supervisor/node.h"

namespace haguard::sim {

/// A packet on its way: owns its bytes.
struct Frame {
  std::string interface;
  vrrp::IpAddress source;
  vrrp::IpAddress destination;
  std::vector<std::uint8_t> message;
};

/// Where an interface is plugged in, and what is wrong with it.
struct Port {
  bool up = true;
  int segment = 0;    ///< machines hear each other within one segment only
  bool deaf = false;  ///< hears nothing, and is heard
  bool mute = false;  ///< hears, and is not heard

  bool operator==(const Port&) const = default;
};

/// A machine: what would be its kernel, its process, its files and its local service.
struct Machine {
  conf::Config config;
  std::deque<conf::Config> later;  ///< what it was reconfigured with; the last one is in force
  vrrp::IpAddress address;
  vrrp::IpAddress link_local;
  std::unique_ptr<supervisor::Node> daemon;  ///< null: crashed or stopped
  bool stalled = false;                      ///< the process gets no CPU; its packets wait
  Instant stalled_since{};
  bool healthy = true;
  std::map<std::string, Port> ports;  ///< by interface
  /// The kernel: until when the addresses of a virtual router are here.
  std::map<supervisor::RouterId, Instant> held;
  std::vector<supervisor::RecordedRouter> record;
  supervisor::Mode mode = supervisor::Mode::Normal;  ///< as its daemon saved it
  std::vector<supervisor::RequestDone> requests_done;
  std::deque<Frame> inbox;
  std::vector<supervisor::ProbeFinished> completions;  ///< that a stalled process has not read yet
  Instant last_change{};
  std::uint64_t packets_sent = 0;
  std::uint64_t announcements = 0;
  std::uint64_t false_announcements = 0;  ///< while it held no address

  [[nodiscard]] Port& port() { return ports.at("etx2"); }
  [[nodiscard]] bool holds(supervisor::RouterId router = 0) const { return held.contains(router); }
};

struct Lan {
  Duration min_delay = std::chrono::microseconds(50);
  Duration max_delay = std::chrono::microseconds(50);
  int loss_percent = 0;
  int duplicates_percent = 0;
};

class World {
 public:
  explicit World(unsigned seed) : random_(seed) {}

  /// The configuration of a node with one instance and one check, named "app".
  [[nodiscard]] static conf::Config config(int number, conf::Version version, int priority,
                                           Duration interval);
  Machine& add(conf::Config config);

  void run_for(Duration time);
  /// At `now` + `in`, before anything else that is due then.
  void at(Duration in, std::function<void()> what);

  void start(Machine& machine);
  void stop(Machine& machine);  ///< TERM: an orderly stop
  void stay(Machine& machine);  ///< `haguard stay`; its end is in Machine::requests_done
  /// `haguard reload`, which has found nothing to object to.
  void reconfigure(Machine& machine, conf::Config config);
  [[nodiscard]] static const conf::Config& in_force(const Machine& machine) {
    return machine.later.empty() ? machine.config : machine.later.back();
  }
  /// `haguard drain` and `haguard undrain`; their ends are in Machine::requests_done.
  void drain(Machine& machine, bool force = false);
  void undrain(Machine& machine);
  void crash(Machine& machine);              ///< KILL: the addresses stay until their lease ends
  void set_link(Machine& machine, bool up);  ///< of all its interfaces
  void set_link(Machine& machine, const std::string& interface, bool up);
  /// Somebody on the machine removes the addresses of a virtual router.
  void remove_addresses(Machine& machine, supervisor::RouterId router = 0);
  void stall(Machine& machine);
  void resume(Machine& machine);

  [[nodiscard]] Machine& node(std::size_t number) { return *machines_[number]; }
  [[nodiscard]] std::size_t size() const { return machines_.size(); }
  [[nodiscard]] std::vector<std::size_t> active(supervisor::RouterId router = 0) const;
  [[nodiscard]] std::vector<std::size_t> holders(supervisor::RouterId router = 0) const;
  /// Some machine is better connected on one of its interfaces than on another.
  [[nodiscard]] bool torn() const;
  [[nodiscard]] Instant now() const { return now_; }
  /// What happened, a line each.
  [[nodiscard]] const std::vector<std::string>& trace() const { return trace_; }
  /// A number from 0 to `below` - 1.
  [[nodiscard]] unsigned pick(unsigned below) { return static_cast<unsigned>(random_() % below); }

  Lan lan;
  /// Called after every step.
  std::function<void()> on_step;

 private:
  struct Timed {
    Instant at;
    std::uint64_t order;
    std::function<void()> what;
    bool operator>(const Timed& other) const {
      return std::tie(at, order) > std::tie(other.at, other.order);
    }
  };

  [[nodiscard]] Instant next_time() const;
  void step();
  void tell(Machine& machine, const supervisor::Event& event);
  void perform(Machine& machine, supervisor::Output& out);
  void add_addresses(Machine& machine, supervisor::RouterId router);
  void expire(Machine& machine, supervisor::RouterId router);
  void tell_link(Machine& machine, const std::string& interface);
  void tell_addresses(Machine& machine);
  void send(Machine& from, const supervisor::SendPacket& packet);
  void complete(Machine& machine, supervisor::CheckId check);
  void arrive(Machine& to, Frame frame);
  void deliver(Machine& to, const Frame& frame);
  void note(const Machine& machine, const std::string& text);

  Instant now_{std::chrono::hours(1)};
  std::mt19937 random_;
  std::uint64_t order_ = 0;
  std::priority_queue<Timed, std::vector<Timed>, std::greater<>> queue_;
  std::vector<std::unique_ptr<Machine>> machines_;
  std::vector<std::string> trace_;
};

}  // namespace haguard::sim
