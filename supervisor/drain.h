#pragma once
// `haguard drain`: gives the addresses up while nobody notices, and stays out of every election
// until `undrain`. First the gate is closed, so that HAProxy's clients leave; when they have left,
// or the time is over, the addresses are offered to the peers. Nothing is lost until somebody has
// taken them: without a successor the node goes on as Active, and the gate is opened again.
// Pure: it sees routers and HAProxy as values, and is told the time.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "conf/units.h"
#include "supervisor/event.h"
#include "supervisor/gate.h"
#include "supervisor/mode.h"

namespace haguard::supervisor {

class Drain {
 public:
  /// A virtual router, as far as it matters here.
  struct Router {
    std::string name;
    bool active = false;
    bool leaving = false;                        ///< resigned, and still has its addresses
    std::optional<vrrp::IpAddress> successor{};  ///< who took over; while not Active
  };
  struct Scene {
    std::vector<Router> routers;
    const proxy::Condition* haproxy = nullptr;  ///< none: not watched
  };

  /// `timeout`: for connections, unless a request has its own. `saved`: by the daemon before us.
  Drain(Duration timeout, const SavedMode& saved, Instant now);

  /// Of requests that come later.
  void change(Duration timeout) { configured_timeout_ = timeout; }

  void start(Output& out);
  /// advance() is to follow.
  void request(const DrainRequested& request, Instant now, Output& out);
  void request(const UndrainRequested& request, Instant now, Output& out);
  /// The answers to its questions; those to others are ignored.
  void haproxy(const proxy::Event& event, Instant now) { gate_.handle(event, now); }
  /// The daemon is told to stop: nobody waits any longer.
  void stop(Output& out);
  /// Goes on as far as it can. True when what the routers are to do has changed.
  bool advance(const Scene& scene, Instant now, Output& out);
  /// advance() changes nothing whatever it sees.
  [[nodiscard]] bool idle() const { return phase_ == Phase::Normal && gate_.idle(); }
  [[nodiscard]] Instant next_deadline() const;

  [[nodiscard]] Order order() const;
  /// Once, when Order::HandOver begins: the routers are to make their offers.
  [[nodiscard]] bool take_offer() { return std::exchange(offer_, false); }
  [[nodiscard]] Mode mode() const { return mode_; }
  [[nodiscard]] Instant since() const { return since_; }

 private:
  enum class Phase : std::uint8_t { Normal, Closing, Waiting, HandingOver, Drained, Opening };
  /// How many connections are left, and whether they still become fewer.
  struct Exodus {
    Instant began{};
    std::uint64_t rounds = 0;  ///< answers of HAProxy up to then are older than the gate
    unsigned first = 0;
    unsigned left = 0;
    unsigned least = 0;
    Instant least_at{};
  };
  struct Verdict {
    bool ok = true;
    std::string detail;
  };

  void begin(const DrainRequested& request, Instant now, Output& out);
  void gate_closed(const Scene& scene, Instant now, Output& out);
  [[nodiscard]] bool exodus_over(const proxy::Condition* haproxy, Instant now);
  void end_exodus(Instant now);
  void hand_over(const Scene& scene, Output& out);
  void conclude(const Scene& scene, Instant now, Output& out);
  void open_gate(Verdict verdict);
  void gate_opened(Instant now, Output& out);
  void enter(Mode mode, std::string why, Instant now, Output& out, bool alarming = false);
  void step(std::string name, bool ok, Instant now, std::string detail);
  void finish(const Verdict& verdict, Output& out);
  [[nodiscard]] bool was_active(const std::string& router) const;

  Duration configured_timeout_;
  Phase phase_ = Phase::Normal;
  Mode mode_ = Mode::Normal;
  Instant since_;
  Gate gate_;

  // The request under way; those who ask meanwhile join it.
  std::vector<RequestId> requests_;
  std::vector<proxy::Step> steps_;
  Instant step_began_{};
  Duration timeout_{};
  bool force_ = false;
  Exodus exodus_;
  std::vector<std::string> giving_up_;  ///< routers that were Active when the hand-over began
  bool offer_ = false;
  bool ordered_ = false;  ///< the routers know that the hand-over has begun
  Verdict verdict_;       ///< to be told once the gate is open
};

}  // namespace haguard::supervisor
