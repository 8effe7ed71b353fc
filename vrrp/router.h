#pragma once
// The state machine of one virtual router (RFC 9568 6.4, RFC 3768 6.4) as a pure function:
// (settings, state, input, now) -> (state, actions). No socket, no log, no clock. The caller arms
// one timer for `next_deadline`, and calls `step` with `Expired` when it is reached.

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <variant>

#include <boost/container/static_vector.hpp>

#include "conf/config.h"
#include "conf/units.h"
#include "vrrp/address.h"

namespace haguard::vrrp {

enum class State : std::uint8_t { Initialize, Backup, Active };

/// "initialize", "backup", "active".
[[nodiscard]] std::string_view to_string(State state);

/// What does not change while the router lives.
struct RouterSettings {
  conf::Version version = conf::Version::V3;
  Duration advertisement_interval = std::chrono::seconds(1);
  int down_adverts = 3;
  bool preempt = true;
  /// An Active router with a lower priority is left alone for so long.
  Duration preempt_delay{};
  /// Resign with a one-centisecond interval, and take a resignation over within one centisecond.
  bool fast_abdication = true;
};

/// Why a router changed its state. Names the fact; wording is the log's business.
enum class Cause : std::uint8_t {
  Startup,         ///< fit to take part
  Owner,           ///< priority 255 starts as Active
  Adopted,         ///< a predecessor on this machine was Active a moment ago
  DownTimer,       ///< the Active router fell silent
  Resigned,        ///< the Active router sent priority 0
  Preempted,       ///< the Active router has a lower priority than ours
  HigherPriority,  ///< somebody better advertises
  HigherAddress,   ///< equal priority, higher address
  Group,           ///< another router of the sync group is not Active any more
  Stalled,         ///< we were held up for so long that we count as gone
  Fault,           ///< not fit any more
  Stopped,         ///< ordered to stop
};

/// A router that claims to be Active with a lower priority than ours.
struct Loser {
  IpAddress address;
  int priority = 0;
  Instant heard{};
};

/// A hand-over that takes place only if somebody answers it.
struct Offer {
  Instant since{};
  std::optional<IpAddress> successor;  ///< whoever advertised first after it
};

struct RouterState {
  State state = State::Initialize;
  int priority = 100;  ///< effective, 1-255
  /// Learned from the Active router; ours when we are it (Active_Adver_Interval).
  Duration active_interval{};
  Instant timer = kNever;  ///< Active_Down_Timer in Backup, Adver_Timer in Active
  /// In Initialize after a planned hand-over: the addresses are still here until a successor
  /// speaks, at the latest until then. kNever: they are not.
  Instant release_at = kNever;
  /// The router heard last as Active, and when.
  std::optional<IpAddress> active_router;
  Instant last_heard{};
  bool resignation_heard = false;  ///< the timer runs because of a priority 0
  bool waited_once_more = false;   ///< since the timer was started
  bool newcomer = false;           ///< Backup because it came, and not because it yielded
  Instant preempt_at = kNever;     ///< a worse Active router is left alone until then
  /// And in any case until then: set by the caller, for a node that changes its mind all the time.
  /// Whoever falls silent is succeeded all the same.
  Instant held_down{};
  bool stalled = false;        ///< announce again with the next advertisement
  Instant last_answer{};       ///< to a losing advertisement
  std::optional<Loser> loser;  ///< heard last while Backup, and discarded
  /// In Active: resigned, and silent until the timer ends. The addresses are still here.
  std::optional<Offer> offer;
};

/// How to leave.
enum class Leave : std::uint8_t {
  Planned,  ///< make before break: the addresses stay until a successor advertises
  Fault,    ///< addresses off at once, then resign
  Mute,     ///< as Fault, but no packet can leave
};

struct Enable {
  int priority;
};
/// Go on where a predecessor on this machine was a moment ago: Active, its addresses still here.
struct Adopt {
  int priority;
};
struct Disable {
  Leave leave;
};
/// Active: hand over to whoever is there, and listen.
struct Yield {};
/// The caller noticed that it was held up for longer than a peer waits for us. To be told before
/// what has arrived meanwhile.
struct Stalled {};
/// Addresses are gone that we did not remove.
struct AddressesLost {};
struct SetPriority {
  int priority;
};
/// As SetPriority, to a value with which we would lose against a peer that was heard before: asks
/// who is better. The addresses stay until somebody answers.
struct Contest {
  int priority;
};
/// Active: resign as for a planned hand-over, but stay Active, with the addresses and in silence,
/// until told to leave (Planned: then an answered offer is complete at once). Within `limit` it
/// goes on as before, when nobody has made use of it.
struct OfferHandOver {
  Duration limit{};
};
/// An accepted advertisement of another router.
struct Heard {
  IpAddress source;
  int priority;
  Duration interval;
};
/// Backup: the Active router gets the time for one more advertisement.
struct WaitOnceMore {};
/// The deadline has come. Harmless when it has not.
struct Expired {};

using Input = std::variant<Enable, Adopt, Disable, Yield, Stalled, AddressesLost, SetPriority,
                           Contest, OfferHandOver, Heard, WaitOnceMore, Expired>;

struct AddAddresses {};
struct RemoveAddresses {};
/// Start the schedule of gratuitous ARP / unsolicited NA anew.
struct Announce {};
struct SendAdvertisement {
  int priority;
  Duration interval;
  /// Behind the schedule by this much; negative for the packets that have none.
  Duration lateness{-1};
};
struct Transition {
  State from;
  State to;
  Cause cause;
  std::optional<IpAddress> peer;  ///< whom the cause speaks of
  int peer_priority = 0;
  Duration silence{};  ///< DownTimer: since the last advertisement, or since we began to listen
};

/// A planned hand-over is complete: the addresses are gone.
struct Released {
  std::optional<IpAddress> successor;  ///< none: nobody took over in time
  Duration after{};                    ///< the resignation
};

using RouterAction =
    std::variant<AddAddresses, RemoveAddresses, Announce, SendAdvertisement, Transition, Released>;
/// In the order in which they are to be carried out.
using RouterActions = boost::container::static_vector<RouterAction, 8>;

struct Step {
  RouterState state;
  RouterActions actions;
};

/// `own` is our primary (or unicast) address: it decides ties.
[[nodiscard]] Step step(const RouterSettings& settings, const IpAddress& own,
                        const RouterState& state, const Input& input, Instant now);

[[nodiscard]] Instant next_deadline(const RouterState& state);

/// The addresses are (to be) on the interface: Active, or handing over.
[[nodiscard]] bool holds_addresses(const RouterState& state);

/// Backup: the timer ran out while we were held up ourselves, so the silence proves little: what
/// holds up one machine (a hypervisor, a switch) may hold up the Active router. True once until it
/// is heard again. `due` is when we were to act upon the timer, not before its end.
[[nodiscard]] bool overslept(const RouterState& state, Instant due, Instant now);

/// Backup: a worse router, which may be preempted, is heard. The timer runs on, unless we have come
/// since and heard of nobody better. Then Active_Down_Interval was there to hear of him, and a
/// worse router that is Active tells that there is none: what is left is the skew, which lets
/// better ones that come at the same moment go first.
void discard(const RouterSettings& settings, const Heard& worse, RouterState& state, Instant now);

/// From Backup to Active, and why.
[[nodiscard]] Transition take_over(const RouterSettings& settings, const RouterState& state,
                                   Instant now);

/// How long a Backup waits after priority 0 (6.4.2, and what fast_abdication makes of it).
[[nodiscard]] Duration resignation_skew(const RouterSettings& settings, const RouterState& state);

/// The longest that a planned hand-over keeps the addresses when nobody takes over.
[[nodiscard]] Duration release_limit(const RouterSettings& settings);

}  // namespace haguard::vrrp
