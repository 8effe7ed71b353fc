#pragma once
// What a keepalived.conf says about VRRP, as far as haguard has something like it. Nothing is
// filled in: an absent keyword is an empty optional, so that defaults stand in one place
// (settle.h).

#include <optional>
#include <string>
#include <vector>

#include "conf/places.h"
#include "conf/units.h"
#include "vrrp/address.h"

namespace haguard::conf::keepalived {

/// A value and where it stands.
template <class T>
struct At {
  Place place;
  T value;
};

/// A program and its arguments.
using Command = std::vector<std::string>;

struct Address {
  Place place;
  vrrp::IpAddress address;
  std::string text;       ///< as in haguard.toml: "10.0.0.5/24"
  std::string interface;  ///< empty: that of the instance
  std::string label;
};

struct Peer {
  Place place;
  std::string address;
  std::optional<int> min_ttl;
};

/// One line of track_script, track_interface, track_file or track_process.
struct Tracked {
  enum class Kind { Script, Interface, File, Process };

  Place place;
  Kind kind = Kind::Script;
  std::string name;
  std::optional<int> weight;  ///< instead of that of what is tracked
};

struct Notify {
  Place place;
  std::string keyword;  ///< "notify_master", "notify", …
  Command command;
};

struct Authentication {
  Place place;
  std::string type;  ///< as written
  At<std::string> password;
};

struct Instance {
  Place place;
  std::string name;
  std::optional<At<std::string>> state;  ///< "MASTER" or "BACKUP"
  std::optional<At<std::string>> interface;
  std::optional<At<int>> version;
  std::optional<At<int>> virtual_router_id;
  std::optional<At<int>> priority;
  std::optional<At<Duration>> advertisement_interval;
  std::optional<At<int>> down_adverts;
  std::optional<Place> nopreempt;
  std::optional<At<Duration>> preempt_delay;
  std::optional<At<std::string>> unicast_source;
  std::optional<Place> unicast;  ///< unicast_peer stands there
  std::vector<Peer> peers;
  bool checks_unicast_source = false;
  std::optional<Authentication> authentication;
  std::vector<Address> addresses;
  std::vector<Address> excluded;
  std::optional<Place> virtual_mac;
  std::optional<Place> checksum_as_v2;
  std::optional<At<Duration>> garp_delay;
  std::optional<At<Duration>> garp_refresh;
  std::vector<Tracked> tracked;
  std::vector<Notify> notifies;
};

struct Script {
  Place place;
  std::string name;
  std::optional<At<Command>> command;
  bool is_haproxy_check = false;  ///< asks no more than whether HAProxy runs
  bool mentions_haproxy = false;
  std::optional<At<Duration>> interval;
  std::optional<At<Duration>> timeout;
  std::optional<At<int>> weight;
  std::optional<At<int>> rise;
  std::optional<At<int>> fall;
  std::optional<At<std::string>> user;
};

/// vrrp_track_file and vrrp_track_process.
struct TrackedThing {
  Place place;
  Tracked::Kind kind = Tracked::Kind::File;
  std::string name;
  std::string subject;  ///< a path, or the name of a program
  std::optional<int> weight;
};

struct Group {
  Place place;
  std::string name;
  std::vector<At<std::string>> members;
  std::vector<Tracked> tracked;
  std::vector<Notify> notifies;
};

struct Globals {
  std::optional<At<int>> version;
  std::optional<At<Duration>> startup_delay;
  std::optional<At<Duration>> garp_delay;
  std::optional<At<Duration>> garp_refresh;
  std::optional<At<int>> down_adverts;
  std::optional<At<std::string>> interface;
  std::optional<At<std::string>> script_user;
  bool checks_unicast_source = false;
};

struct Model {
  Globals globals;
  std::vector<Instance> instances;
  std::vector<Script> scripts;
  std::vector<TrackedThing> things;
  std::vector<Group> groups;
};

}  // namespace haguard::conf::keepalived
