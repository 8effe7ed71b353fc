#pragma once
// A node in simulated time, as the daemon's loop drives it: events in, the output looked at and
// thrown away. For programs that measure; tests/sim/ has whole LANs.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "conf/config.h"
#include "supervisor/node.h"
#include "tests/bench/meter.h"

namespace haguard::bench {

class Scene {
 public:
  /// Started, with every link up and no address in the kernel.
  explicit Scene(conf::Config config);
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  void handle(const supervisor::Event& event) { node.handle(event, now, out); }
  /// To the next moment at which something is due, and does it.
  void advance();
  void clear();
  /// Until every router is Active.
  void take_over();
  /// Counts the call, and the end of its output; `look` sees that before.
  template <typename Call, typename Look>
  void count(Meter& meter, Call&& call, Look&& look) {
    meter.count(call);
    look();
    meter.count([this] { clear(); });
  }

  /// How many of these are in the output.
  template <typename T>
  [[nodiscard]] std::size_t actions() const {
    return number_of<T>(out.actions);
  }
  template <typename T>
  [[nodiscard]] std::size_t notices() const {
    return number_of<T>(out.notices);
  }

  conf::Config settings;
  Instant now;
  supervisor::Node node;
  supervisor::Output out;

 private:
  template <typename T, typename From>
  static std::size_t number_of(const std::vector<From>& from) {
    return static_cast<std::size_t>(std::ranges::count_if(
        from, [](const From& item) { return std::holds_alternative<T>(item); }));
  }
};

/// What the case says it measures did not happen: ends the program.
void require(bool held, const char* what);

[[nodiscard]] vrrp::IpAddress our_address();
[[nodiscard]] vrrp::IpAddress peer_address();

/// Multicast, version 3 over IPv4, one virtual address each, nothing but elections. At most 250 on
/// an interface. Their priorities differ, so that their timers do not all end together.
[[nodiscard]] conf::Config routers(std::size_t count, Duration interval);
/// One router with so many addresses, of which 255 are advertised.
[[nodiscard]] conf::Config addresses(std::size_t count);
/// One router and so many checks of a TCP port.
[[nodiscard]] conf::Config checks(std::size_t count);
/// One router and an HAProxy that is asked for its frontends and a backend.
[[nodiscard]] conf::Config haproxy();

/// A peer's advertisement for that router, priority 254.
[[nodiscard]] std::vector<std::uint8_t> advertisement(const conf::Instance& instance);

/// What HAProxy 2.6 answers to the question of haproxy(), in number and size of its fields, with
/// so many frontends.
[[nodiscard]] std::string haproxy_answer(std::size_t frontends);

}  // namespace haguard::bench
