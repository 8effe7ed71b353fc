#pragma once
// The immutable result of reading haguard.toml: plain values, units in their types, defaults filled
// in. A Config that exists is valid; conf/parse.h makes one or lists what is wrong.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conf/units.h"
#include "vrrp/address.h"
#include "vrrp/virtual_mac.h"

namespace haguard::conf {

enum class Version : std::uint8_t { V2 = 2, V3 = 3 };

enum class Checksum : std::uint8_t {
  Auto,     ///< as Rfc5798 until a peer is heard, then as that peer
  Rfc5798,  ///< with the IPv4 pseudo-header
  Rfc9568,  ///< without it
};

struct VirtualAddress {
  vrrp::IpAddress address;
  std::uint8_t prefix_length = 32;  ///< up to 32 or 128
  /// Never empty. Unless the file names another one: the instance's, or the device of its virtual
  /// router.
  std::string interface;
  std::string label;  ///< empty: none

  bool operator==(const VirtualAddress&) const = default;
};

struct Unicast {
  vrrp::IpAddress source;
  std::vector<vrrp::IpAddress> peers;  ///< at least one
  std::uint8_t min_ttl = 255;          ///< packets of peers with a lower TTL are rejected

  bool operator==(const Unicast&) const = default;
};

/// When gratuitous ARPs leave, counted from the take-over.
struct Garp {
  std::vector<Duration> schedule{};  ///< ascending
  Duration refresh{};                ///< between two sets once the schedule is over; 0 = none

  bool operator==(const Garp&) const = default;
};

/// One VIP group ([[vrrp.instance]]): one virtual router per address family.
struct Instance {
  std::string name;
  std::string interface;
  Version version = Version::V3;
  std::uint8_t virtual_router_id = 1;
  std::uint8_t priority = 100;  ///< 1-254, 255 = owner of the addresses
  Duration advertisement_interval = std::chrono::seconds(1);
  std::vector<VirtualAddress> virtual_addresses;   ///< advertised
  std::vector<VirtualAddress> excluded_addresses;  ///< set and removed with them, not advertised
  bool preempt = true;
  Duration preempt_delay{};             ///< a worse Active router is left alone for so long
  Duration startup_delay{};             ///< no election before
  std::optional<Unicast> unicast;       ///< instead of multicast
  std::optional<std::string> password;  ///< version 2, type "pass"; at most 8 bytes; never logged
  Checksum checksum = Checksum::Auto;
  std::uint8_t down_adverts = 3;
  Garp garp;
  std::chrono::seconds lease{0};  ///< lifetime of the addresses in the kernel; 0 = for ever
  bool fast_abdication = true;
  bool use_virtual_mac = false;                    ///< see virtual_device
  std::string sync_group;                          ///< empty: none
  std::optional<std::vector<std::string>> checks;  ///< none: all of them

  bool operator==(const Instance&) const = default;
};

/// The families of its advertised addresses, IPv4 first: each has a virtual router.
[[nodiscard]] std::vector<vrrp::Family> families(const Instance& instance);

/// The device of its virtual router of that family; none without a virtual MAC address.
[[nodiscard]] std::optional<vrrp::VirtualDevice> virtual_device(const Instance& instance,
                                                                vrrp::Family family);

/// Holds addresses that are the machine's own (RFC 9568 1.7).
[[nodiscard]] constexpr bool is_owner(const Instance& instance) {
  return instance.priority == 255;
}

enum class HaproxyMode : std::uint8_t {
  None,
  Attached,  ///< somebody else starts it and ends it
  Managed,   ///< haguard does
};

/// What happens to the files when a reload has failed.
enum class OnFailure : std::uint8_t {
  Keep,     ///< they are left alone
  Restore,  ///< the last good generation comes back
};

struct Reload {
  bool watch = false;                               ///< reload when a file has changed
  Duration debounce = std::chrono::seconds(2);      ///< quiet time after the last change
  Duration min_interval = std::chrono::seconds(5);  ///< between the starts of two reloads
  Duration probation = std::chrono::seconds(10);    ///< a crash so soon is a failed reload
  OnFailure on_failure = OnFailure::Keep;
  unsigned generations = 10;  ///< good ones that are kept, at least 1

  bool operator==(const Reload&) const = default;
};

struct Haproxy {
  HaproxyMode mode = HaproxyMode::Attached;
  std::string admin_socket = "/run/haproxy/admin.sock";
  std::string master_socket = "/run/haproxy-master.sock";
  std::string pid_file = "/run/haproxy.pid";  ///< of the master, read when its socket is not there
  /// Files and directories, read when no HAProxy runs whose command line tells.
  std::vector<std::string> config{"/etc/haproxy/haproxy.cfg"};
  Duration hang_timeout = std::chrono::milliseconds(600);
  std::string binary = "/usr/sbin/haproxy";
  Reload reload{};
  Duration drain_timeout = std::chrono::seconds(10);

  bool operator==(const Haproxy&) const = default;
};

enum class CheckType : std::uint8_t { Tcp, Http, Haproxy, Interface, Gateway, Exec, File };

/// "tcp", "http", …
[[nodiscard]] std::string_view to_string(CheckType type);

/// What a check of type `haproxy` asks beyond "it runs".
struct HaproxyExpectation {
  std::vector<std::string> frontends;        ///< each must be OPEN; none named: at least one OPEN
  std::map<std::string, unsigned> backends;  ///< name -> servers that must be usable

  bool operator==(const HaproxyExpectation&) const = default;
};

struct Endpoint {
  vrrp::IpAddress address;
  std::uint16_t port = 0;

  [[nodiscard]] std::string to_string() const;
  bool operator==(const Endpoint&) const = default;
};

/// What a check of type `http` asks, and what it takes for good.
struct HttpExpectation {
  std::string method = "GET";
  std::string path = "/";              ///< with the query, as it goes on the wire
  std::string host;                    ///< value of the Host header
  std::vector<unsigned> status{200U};  ///< any of them

  bool operator==(const HttpExpectation&) const = default;
};

struct Check {
  std::string name;
  CheckType type = CheckType::Tcp;
  std::optional<int> weight;  ///< -253..253; none: failing means FAULT
  Duration interval = std::chrono::milliseconds(500);
  Duration timeout = std::chrono::milliseconds(250);
  unsigned rise = 2;
  unsigned fall = 3;
  Endpoint target;                   ///< Tcp, Http
  bool send_proxy = false;           ///< Tcp: with a PROXY header (version 1, as a local check)
  HttpExpectation http;              ///< Http
  HaproxyExpectation haproxy;        ///< Haproxy
  std::string interface;             ///< Interface: passes while it runs
  vrrp::IpAddress gateway;           ///< Gateway: passes when it answers ARP or ND
  std::vector<std::string> command;  ///< Exec: program and arguments, no shell; passes on exit 0
  std::string user;                  ///< Exec: runs as; empty = as the daemon
  std::string path;                  ///< File: fails while it exists

  bool operator==(const Check&) const = default;
};

/// Whether the instance heeds the check: one without a list has all of them.
[[nodiscard]] bool counts_for(const Instance& instance, const Check& check);

/// Name of the check that exists whenever HAProxy is watched.
inline constexpr const char* kBuiltInCheck = "haproxy";

enum class LogLevel : std::uint8_t { Debug, Info, Warning, Error };

/// "debug", "info", "warning", "error".
[[nodiscard]] std::string_view to_string(LogLevel level);

enum class LogFormat : std::uint8_t { Text, Json };

/// What runs on a change of state: commands of a program and its arguments, in order, no shell.
struct Hooks {
  using Command = std::vector<std::string>;
  std::vector<Command> on_active;
  std::vector<Command> on_backup;
  std::vector<Command> on_fault;
  Duration timeout = std::chrono::seconds(10);  ///< of each command

  bool operator==(const Hooks&) const = default;
};

struct Process {
  std::string state_dir = "/var/lib/haguard";
  std::string runtime_dir = "/run/haguard";
  int realtime_priority = 0;  ///< SCHED_FIFO 1-99, 0 = off
  bool lock_memory = true;

  bool operator==(const Process&) const = default;
};

struct Config {
  std::string node_name;
  std::vector<Instance> instances;  ///< at least one
  Haproxy haproxy;
  std::vector<Check> checks;  ///< with the built-in one first when HAProxy is watched
  Hooks hooks;
  std::optional<Endpoint> metrics_listen;  ///< none: off
  std::string control_socket = "/run/haguard/control.sock";
  LogLevel log_level = LogLevel::Info;
  LogFormat log_format = LogFormat::Text;
  Process process;
};

}  // namespace haguard::conf
