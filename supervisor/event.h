#pragma once
// The whole vocabulary between the decision core and the world: events come in, actions go out,
// notices tell what became true. Closed variants: a new one does not compile until everybody who
// must answer it does.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "conf/config.h"
#include "conf/units.h"
#include "health/priority.h"
#include "health/verdict.h"
#include "proxy-bridge/monitor.h"
#include "proxy-bridge/reload_event.h"
#include "proxy-bridge/reload_record.h"
#include "proxy-bridge/run_event.h"
#include "proxy-bridge/runner.h"
#include "supervisor/mode.h"
#include "supervisor/record.h"
#include "vrrp/address.h"
#include "vrrp/packet.h"
#include "vrrp/router.h"
#include "vrrp/shared_bytes.h"

namespace haguard::supervisor {

/// Names a virtual router as long as the daemon lives, whatever its instance is called.
using RouterId = std::size_t;
/// Names a check likewise.
using CheckId = std::size_t;
/// Numbers what operators ask for; RequestDone tells the end of it.
using RequestId = std::uint64_t;

// ---- events

struct FoundAddress {
  vrrp::IpAddress address;
  bool expires = false;  ///< it has a lease
};

struct LinkChanged {
  std::string interface;
  bool present = false;
  bool running = false;
  vrrp::MacAddress mac;
  vrrp::IpAddress primary;     ///< IPv4; unspecified: none
  vrrp::IpAddress link_local;  ///< IPv6, usable as a source; unspecified: none
};
/// Those of our virtual addresses that an interface has. Told once at start, then on changes.
struct AddressesFound {
  std::string interface;
  std::vector<FoundAddress> addresses;  ///< in ascending order
};
/// Somebody on the LAN says that an address of ours is at that MAC address.
struct NeighborClaimed {
  std::string interface;
  vrrp::IpAddress address;
  vrrp::MacAddress mac;
};
/// The loop was held up: told before anything that arrived meanwhile.
struct Stalled {
  Duration late{};
};
struct PacketArrived {
  std::string_view interface;
  vrrp::IpAddress source;
  vrrp::IpAddress destination;
  std::uint8_t ttl = 0;
  std::span<const std::uint8_t> message;  ///< valid during the call
};
/// Whether the device of this router's virtual MAC address can be had.
struct DeviceChecked {
  RouterId router = 0;
  std::string error;  ///< "interface vrrp4.51 exists and is not ours"; empty: it can
};
/// The kernel has answered a batch of addresses of this router.
struct AddressesApplied {
  RouterId router = 0;
  std::string error;  ///< empty: all of them
};
struct ProbeFinished {
  CheckId check = 0;
  bool passed = false;
  std::string detail;
};
struct StopRequested {};
/// A stop that comes soon is part of a restart.
struct StayRequested {
  RequestId request = 0;
  std::string config;  ///< digest of what the next daemon would read
};
/// Give the addresses up in an orderly way, and stay out of the election.
struct DrainRequested {
  RequestId request = 0;
  std::optional<Duration> timeout;  ///< none: as configured
  bool force = false;               ///< also when nobody is there to take over
};
struct UndrainRequested {
  RequestId request = 0;
};
struct ReloadRequested {
  RequestId request = 0;
};
/// Of HAProxy's files.
struct RollbackRequested {
  RequestId request = 0;
  std::optional<unsigned> generation;  ///< none: the one before that which runs
};

using Event = std::variant<LinkChanged, AddressesFound, NeighborClaimed, Stalled, PacketArrived,
                           DeviceChecked, AddressesApplied, ProbeFinished, StopRequested,
                           StayRequested, DrainRequested, UndrainRequested, ReloadRequested,
                           RollbackRequested, proxy::Event, proxy::ReloadEvent, proxy::RunEvent>;

// ---- actions, in the order in which they are to be carried out

/// Those that are there have their lease renewed.
struct AddAddresses {
  RouterId router = 0;
  bool renewal = false;  ///< nothing is wrong if it comes a few turns later
};
/// By the configuration they are its addresses no longer.
struct DropAddresses {
  RouterId router = 0;
  std::vector<conf::VirtualAddress> addresses;
};
struct RemoveAddresses {
  RouterId router = 0;
};
struct SendPacket {
  std::string interface;
  vrrp::IpAddress source;
  vrrp::IpAddress destination;
  vrrp::SharedBytes message;
};
struct SendFrame {
  std::string interface;
  vrrp::SharedBytes frame;
};
struct StartProbe {
  CheckId check = 0;
};
struct CancelProbe {
  CheckId check = 0;
};
/// What a successor on this machine needs to go on where we are.
struct SaveRecord {
  std::vector<RecordedRouter> routers;
};
/// What a successor on this machine, also after a boot, is to begin with.
struct SaveMode {
  Mode mode = Mode::Normal;
};
/// Everything is handed over: the daemon may exit.
struct Exit {};

using Action = std::variant<AddAddresses, DropAddresses, RemoveAddresses, SendPacket, SendFrame,
                            StartProbe, CancelProbe, SaveRecord, SaveMode, Exit, proxy::Action,
                            proxy::ReloadAction, proxy::RunAction>;

// ---- notices

struct StateChanged {
  RouterId router = 0;
  vrrp::Transition transition;
  int own_priority = 0;
  std::string obstacle;  ///< to Initialize: why ("fault: haproxy: worker 11 died (signal 9)")
};
struct PriorityChanged {
  RouterId router = 0;
  int from = 0;
  health::Fitness fitness;
};
struct AdvertisementSent {
  RouterId router = 0;
  Duration lateness{-1};  ///< negative: not a scheduled one
};
struct AdvertisementReceived {
  RouterId router = 0;
};
struct PacketRejected {
  std::optional<RouterId> router;  ///< none: no virtual router of ours has that VRID
  vrrp::Reject reject = vrrp::Reject::Truncated;
  vrrp::IpAddress source;
  bool tell = false;  ///< worth a line in the log: the first of its kind for a while
};
/// A planned hand-over is complete.
struct HandedOver {
  RouterId router = 0;
  std::optional<vrrp::IpAddress> successor;  ///< none: nobody took over in time
  Duration after{};
};
struct CheckChanged {
  CheckId check = 0;
  health::Status from = health::Status::Pending;
  health::Status to = health::Status::Pending;
  unsigned run = 0;     ///< results in a row behind it
  unsigned needed = 0;  ///< of so many
  std::string detail;
};
/// It changes its mind all the time: this node does not preempt for a while.
struct HeldDown {
  std::optional<CheckId> check;  ///< none: the router itself
  RouterId router = 0;
  std::size_t changes = 0;  ///< in a minute
  Duration hold{};
};
struct ProbeTimed {
  CheckId check = 0;
  Duration took{};
};
struct LinkNoted {
  std::string interface;
  bool present = false;
  bool running = false;
};
/// Another status, or another worker.
struct HaproxyChanged {
  proxy::Status from = proxy::Status::Unknown;
  int from_worker = 0;
  proxy::Condition now;
};
/// Something that HAProxy's engineer should know has begun or ended.
struct HaproxyWarned {
  proxy::Warning what = proxy::Warning::Saturated;
  std::optional<std::string> detail;  ///< none: it has ended
};
struct FormerWorkerGone {
  std::string obituary;  ///< "former worker 11 exited with code 0"
};
/// The kernel refused addresses.
struct AddressesRefused {
  RouterId router = 0;
  std::string error;
};
/// Addresses that we hold went away, and were put back.
struct AddressesRestored {
  RouterId router = 0;
  std::vector<vrrp::IpAddress> addresses;
  bool expired = false;  ///< their lease ran out; else somebody removed them
};
/// Somebody else answers for an address that we hold.
struct AddressConflict {
  RouterId router = 0;
  vrrp::IpAddress address;
  vrrp::MacAddress mac;
  bool tell = false;  ///< worth a line in the log
};
/// A peer is configured in another way. Once per peer and kind, and again after it was in order.
struct PeerDiffers {
  RouterId router = 0;
  vrrp::IpAddress peer;
  std::string how;  ///< "runs version 2 with our virtual router id 51, we run version 3"
};
/// It would be Active if its sync group let it.
struct HeldBack {
  RouterId router = 0;
  RouterId by = 0;
};
/// The mode, or how far it has come in it.
struct DrainChanged {
  Mode mode = Mode::Normal;
  std::string why;        ///< "gate closed, 40 connections"
  bool alarming = false;  ///< it did not work out
};

struct RequestDone {
  RequestId request = 0;
  bool ok = true;
  std::string detail;  ///< in one line: what came of it, and why
  std::vector<proxy::Step> steps;
  std::vector<std::string> lines{};  ///< what else there is to say
};
/// haguard.toml was read again.
struct ConfigReloaded {
  bool ok = true;      ///< it is in force; else the one before still is
  std::string detail;  ///< "3 changes"
};
/// A difference, or what is wrong with the file.
struct ConfigNoted {
  conf::LogLevel level = conf::LogLevel::Info;
  std::string text;
};

/// A step of a reload of HAProxy is over.
struct ReloadStepTaken {
  proxy::Step step;
};
struct ReloadOver {
  proxy::ReloadRecord record;
};
/// About HAProxy's files.
struct FilesNoted {
  bool warning = false;
  std::string text;  ///< "files on disk: they differ from what runs"
};

/// Managed mode: HAProxy was started, has ended or has printed a line.
struct HaproxyRun {
  conf::LogLevel level = conf::LogLevel::Info;
  std::string text;
  proxy::RunNews::Kind kind = proxy::RunNews::Kind::Said;
};

using Notice = std::variant<StateChanged, PriorityChanged, AdvertisementSent, AdvertisementReceived,
                            PacketRejected, HandedOver, CheckChanged, HeldDown, ProbeTimed,
                            LinkNoted, HaproxyChanged, HaproxyWarned, FormerWorkerGone,
                            AddressesRefused, AddressesRestored, AddressConflict, PeerDiffers,
                            HeldBack, RequestDone, ReloadStepTaken, ReloadOver, FilesNoted,
                            DrainChanged, HaproxyRun, ConfigReloaded, ConfigNoted>;

struct Output {
  std::vector<Action> actions;
  std::vector<Notice> notices;
};

}  // namespace haguard::supervisor
