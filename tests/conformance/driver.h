#pragma once
// One virtual router of the daemon in simulated time, for the tests by clause: a configuration file
// goes in, packets as bytes, and the time; what the daemon does comes out as words. The only place
// where these tests touch the daemon's types.
//
//   Router router({.priority = 90});
//   router.startup();                              // 0 s: Backup
//   router.receive({.priority = 100});             // from 192.0.2.9
//   router.until(4s);                              // {"3.648437 addresses on", …}

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "conf/units.h"
#include "tests/conformance/packet.h"

namespace haguard::conformance {
using namespace std::chrono_literals;

/// In the order in which it happened:
///   "addresses on", "addresses off"
///   "advertise 100 every 100 cs"       "… to 192.0.2.2" when not to the group
///   "announce 192.0.2.10"              a gratuitous ARP, or a neighbor advertisement
///   "initialize", "backup", "active"   the new state
///   "rejected ttl"                     a packet was counted under that reason
///   "exit"                             the daemon ends
using Lines = std::vector<std::string>;

/// Every line at that time: at("3.609375", {"active"}) is {"3.609375 active"}.
[[nodiscard]] Lines at(const std::string& seconds, const Lines& lines);
[[nodiscard]] Lines operator+(Lines first, const Lines& second);

/// What a router of priority 100 and address 192.0.2.10 does to become Active.
[[nodiscard]] Lines take_over(const std::string& advertisement = "advertise 100 every 100 cs");

/// What the configuration file says, and the address of the interface.
struct Settings {
  int version = 3;
  int priority = 100;
  std::string interval = "1s";
  std::vector<std::string> addresses{"192.0.2.10"};
  std::string more{};  ///< further lines of the instance
  std::string own = "192.0.2.5";
  std::string announcements = R"("0ms")";  ///< when gratuitous ARPs leave, after the take-over
};

/// What is wrong with the file of `settings`; empty: nothing.
[[nodiscard]] std::string refusal(const Settings& settings);

class Router {
 public:
  /// The daemon has started; its interface is not known yet.
  explicit Router(const Settings& settings = {});
  Router(Router&&) noexcept;
  ~Router();

  /// The interface is there and runs: the Startup event of 6.4.1.
  Lines startup();
  /// The interface lost its carrier: as a Shutdown, but nothing can be sent.
  Lines link_lost();
  /// The daemon is told to stop: the Shutdown event of 6.4.2 and 6.4.3.
  Lines shutdown();
  /// An operator wants the node out of service. There must have been a peer.
  Lines drain();

  /// From now on the probes of checks fail; until then they pass, each at once.
  void probes_fail();

  /// Lets time pass up to so long after the construction, doing everything when it is due; what
  /// happened, each line with its time in seconds.
  Lines until(Duration time);
  /// As `until`, but the daemon gets no CPU before.
  Lines wake_at(Duration time);
  /// Lets time pass until it is Active; when that was. Five minutes at most.
  Duration becomes_active();

  Lines receive(const Packet& packet);
  Lines receive(const Packet& header, const Bytes& message);
  /// An IPv4 datagram as the socket hands it out.
  Lines receive_datagram(const Bytes& bytes);

  [[nodiscard]] std::string state() const;
  /// Of the last call: messages as hex digits, and Ethernet frames.
  [[nodiscard]] const Lines& messages() const;
  [[nodiscard]] const Lines& frames() const;
  [[nodiscard]] std::string last_source() const;
  /// So many lines for the operator, since the construction, contain that.
  [[nodiscard]] std::size_t log_lines_with(std::string_view text) const;

 private:
  struct Daemon;
  std::unique_ptr<Daemon> daemon_;
};

/// For Settings::more: takes 50 off the priority while its probes fail.
inline constexpr const char* kWeightedCheck = R"(
[[check]]
name = "app"
type = "tcp"
target = "127.0.0.1:80"
weight = -50
interval = "100ms"
timeout = "50ms"
rise = 1
fall = 1
)";

/// Since 0 s in Backup.
[[nodiscard]] Router backup(const Settings& settings = {});
/// Active since the end of its Active_Down_Timer: 3.609375 s with the defaults.
[[nodiscard]] Router active(const Settings& settings = {});

}  // namespace haguard::conformance
