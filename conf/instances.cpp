// [vrrp] and [[vrrp.instance]]: what this node advertises, where and how.

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "conf/addresses.h"
#include "conf/kinds.h"
#include "conf/sections.h"

namespace haguard::conf {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostAnnouncements = 32;
constexpr std::size_t kMostCheckNames = 256;

/// [vrrp]: what an instance has unless it says otherwise.
struct Defaults {
  Version version = Version::V3;
  Duration interval = 1s;
  std::optional<Value> interval_value;  ///< where the interval stands
  bool interval_refused = false;        ///< told once, whatever the number of instances
};

std::optional<Version> version(const Value& value) {
  const auto number = value.integer("2 or 3");
  if (!number) {
    return std::nullopt;
  }
  if (*number != 2 && *number != 3) {
    value.refuse("2 or 3");
    return std::nullopt;
  }
  return *number == 2 ? Version::V2 : Version::V3;
}

/// Empty when packets of that version can carry the interval.
std::string_view flaw_of_interval(Version version, Duration interval) {
  if (version == Version::V3) {
    const bool good = interval >= 10ms && interval <= 40950ms && interval % 10ms == 0us;
    return good ? "" : "10ms to 40.95s in steps of 10ms (version 3)";
  }
  const bool good = interval >= 1s && interval <= 255s && interval % 1s == 0us;
  return good ? "" : "1s to 255s in whole seconds (version 2)";
}

void read_version_and_interval(Table& table, Defaults& defaults, Instance& instance) {
  instance.version = defaults.version;
  instance.advertisement_interval = defaults.interval;
  table.read("version", instance.version, version);
  const auto own = table.find("advertisement_interval");
  if (own && !table.read("advertisement_interval", instance.advertisement_interval, duration)) {
    return;
  }
  const auto flaw = flaw_of_interval(instance.version, instance.advertisement_interval);
  if (flaw.empty()) {
    return;
  }
  if (own) {
    own->refuse(flaw);
  } else if (defaults.interval_value && !defaults.interval_refused) {
    defaults.interval_value->refuse(flaw);
    defaults.interval_refused = true;
  }
}

std::optional<std::vector<Duration>> announcements(const Value& value) {
  const auto items = items_between(value, 0, kMostAnnouncements);
  if (!items) {
    return std::nullopt;
  }
  if (items->empty()) {
    value.warning("without an entry, a take-over is not announced at once");
  }
  std::vector<Duration> result;
  for (const Value& item : *items) {
    const auto time = duration_between(0us, 1h)(item);
    if (time && !result.empty() && *time <= result.back()) {
      item.refuse(
          fmt::format("a longer time than the one before it, {}", to_string(result.back())));
    } else if (time) {
      result.push_back(*time);
    }
  }
  return result;
}

std::optional<Duration> refresh(const Value& value) {
  const auto result = duration(value);
  if (result && *result != 0us && *result < 1s) {
    value.refuse("\"0s\" for none, or at least 1s");
    return std::nullopt;
  }
  return result;
}

void read_garp(Table& garp, Garp& settings) {
  garp.read("schedule", settings.schedule, announcements);
  garp.read("refresh", settings.refresh, refresh);
}

void read_authentication(Table& table, Instance& instance) {
  table.section("authentication",
                [&](Table& authentication) { instance.password = read_password(authentication); });
  const auto value = table.find("authentication");
  if (value && instance.version != Version::V2) {
    value->error("only version 2 has it; version 3 does without");
  }
}

void read_checksum(Table& table, Instance& instance) {
  const bool read = table.read("checksum", instance.checksum,
                               one_of<Checksum>({{"auto", Checksum::Auto},
                                                 {"rfc5798", Checksum::Rfc5798},
                                                 {"rfc9568", Checksum::Rfc9568}}));
  if (read && instance.checksum != Checksum::Auto && instance.version != Version::V3) {
    table.find("checksum")->refuse("\"auto\", the only one that version 2 has");
  }
}

/// Names of checks that exist; an empty list stands for all of them, as does none.
void read_check_names(Table& table, Instance& instance, const std::vector<Check>& checks) {
  const auto existing = [&](const Value& value) {
    auto result = name(value);
    if (result && std::ranges::find(checks, *result, &Check::name) == checks.end()) {
      value.error(fmt::format("there is no check \"{}\"", *result));
      result.reset();
    }
    return result;
  };
  std::vector<std::string> names;
  if (table.read("checks", names, list_of(existing, 0, kMostCheckNames)) && !names.empty()) {
    instance.checks = std::move(names);
  }
}

/// The device is up only while this node is Active: the check would fail whenever it matters.
void refuse_checks_of_own_devices(Table& table, const Instance& instance,
                                  const std::vector<Check>& checks) {
  for (const vrrp::Family family : families(instance)) {
    const auto device = virtual_device(instance, family);
    const auto check = std::ranges::find_if(checks, [&](const Check& candidate) {
      return device && candidate.type == CheckType::Interface &&
             candidate.interface == device->name();
    });
    if (check != checks.end()) {
      table.find("use_virtual_mac")
          ->error(fmt::format("check \"{}\" asks for the device {} of it, which is down while this "
                              "node is Backup",
                              check->name, device->name()));
    }
  }
}

/// "auto", "off", or whole seconds.
std::optional<std::chrono::seconds> lease(const Value& value, std::chrono::seconds automatic) {
  if (value.is_text("auto")) {
    return automatic;
  }
  if (value.is_text("off")) {
    return 0s;
  }
  constexpr std::string_view kExpected =
      "\"auto\", \"off\", or 1s to 1h in whole seconds, as the kernel counts";
  const auto text = value.text(kExpected);
  const auto time = text ? parse_duration(*text) : std::nullopt;
  if (text && (!time || *time < 1s || *time > 1h || *time % 1s != 0us)) {
    value.refuse(kExpected);
    return std::nullopt;
  }
  return time ? std::optional(std::chrono::duration_cast<std::chrono::seconds>(*time))
              : std::nullopt;
}

/// By then the peers have noticed that we are gone. The owner's addresses are the machine's own:
/// they stay, whatever happens to the daemon.
std::chrono::seconds automatic_lease(const Instance& instance) {
  if (is_owner(instance)) {
    return 0s;
  }
  const auto silence = instance.down_adverts * instance.advertisement_interval;
  return std::max(1s, std::chrono::floor<std::chrono::seconds>(silence));
}

/// Where an address lives unless the file says so. One of a family without a virtual router is with
/// the first router.
std::string home_of(const VirtualAddress& address, const Instance& instance) {
  const auto routers = families(instance);
  auto family = address.address.family();
  if (std::ranges::find(routers, family) == routers.end() && !routers.empty()) {
    family = routers.front();
  }
  const auto device = virtual_device(instance, family);
  return device ? device->name() : instance.interface;
}

void read_addresses(Table& table, Instance& instance) {
  table.require("virtual_addresses", instance.virtual_addresses, virtual_addresses);
  table.read("excluded_addresses", instance.excluded_addresses, excluded_addresses);
  table.read("use_virtual_mac", instance.use_virtual_mac, boolean);
  for (auto* addresses : {&instance.virtual_addresses, &instance.excluded_addresses}) {
    for (VirtualAddress& address : *addresses) {
      if (address.interface.empty()) {
        address.interface = home_of(address, instance);
      }
    }
  }
}

/// When to take over and when not to.
void read_election(Table& table, Instance& instance) {
  table.read("priority", instance.priority, integer_between<std::uint8_t>(1, 255));
  table.read("preempt", instance.preempt, boolean);
  table.read("preempt_delay", instance.preempt_delay, duration);
  table.read("startup_delay", instance.startup_delay, duration);
  table.read("down_adverts", instance.down_adverts, integer_between<std::uint8_t>(1, 100));
  table.read("fast_abdication", instance.fast_abdication, boolean);
  if (const auto value = table.find("sync_group"); value && !value->is_text("")) {
    table.read("sync_group", instance.sync_group, name);
  }
}

/// What two instances may not share.
class Claims {
 public:
  void claim_name(const Value& value, const std::string& name) {
    const auto [first, fresh] = names_.emplace(name, value.place());
    if (!fresh) {
      value.error(
          fmt::format("\"{}\" is also the instance of {}", name, value.name_of(first->second)));
    }
  }

  void claim_router(const Value& value, const Instance& instance) {
    for (const vrrp::Family family : families(instance)) {
      const auto [first, fresh] = routers_.emplace(
          std::tuple(instance.interface, instance.virtual_router_id, family), value.place());
      if (!fresh) {
        value.error(fmt::format("{} on {} is also the {} virtual router of {}",
                                instance.virtual_router_id, in_quotes(instance.interface),
                                vrrp::to_string(family), value.name_of(first->second)));
      } else if (instance.use_virtual_mac) {
        claim_device(value, {family, instance.virtual_router_id, instance.interface});
      }
    }
  }

 private:
  /// One of each name in a machine, whatever it is made on.
  void claim_device(const Value& value, const vrrp::VirtualDevice& device) {
    const auto [first, fresh] = devices_.emplace(device.name(), value.place());
    if (!fresh) {
      value.error(
          fmt::format("the device {} of use_virtual_mac is also that of {}, although "
                      "on another interface: expected another id",
                      device.name(), value.name_of(first->second)));
    }
  }

  std::map<std::string, Place> names_;
  std::map<std::string, Place> devices_;
  std::map<std::tuple<std::string, std::uint8_t, vrrp::Family>, Place> routers_;
};

/// Somebody has not begun yet: that helps more than one error per key.
void refuse_as_installed(Table& table) {
  const auto has = [&](std::string_view key) { return table.find(key).has_value(); };
  if (!has("interface") && !has("virtual_router_id") && !has("virtual_addresses")) {
    table.error(
        "this is the file as installed: edit the lines interface, virtual_router_id, priority and "
        "virtual_addresses");
  }
}

/// With its addresses: each family is a virtual router of its own.
void read_identity(Table& table, Instance& instance, Claims& claims) {
  if (table.require("name", instance.name, name)) {
    claims.claim_name(*table.find("name"), instance.name);
  }
  const bool interface = table.require("interface", instance.interface, interface_name);
  const bool id = table.require("virtual_router_id", instance.virtual_router_id,
                                integer_between<std::uint8_t>(1, 255));
  read_addresses(table, instance);
  refuse_as_installed(table);
  if (interface && id) {
    claims.claim_router(*table.find("virtual_router_id"), instance);
  }
}

Instance read_instance(Table& table, Defaults& defaults, Claims& claims,
                       const std::vector<Check>& checks) {
  Instance instance;
  instance.garp = {{0ms, 20ms, 100ms, 500ms, 1s, 2s, 5s}, 60s};
  read_identity(table, instance, claims);
  read_version_and_interval(table, defaults, instance);
  read_election(table, instance);
  table.read("unicast", instance.unicast, unicast);
  read_authentication(table, instance);
  read_checksum(table, instance);
  table.section("garp", [&](Table& garp) { read_garp(garp, instance.garp); });
  instance.lease = automatic_lease(instance);
  table.read("lease", instance.lease,
             [&](const Value& value) { return lease(value, automatic_lease(instance)); });
  read_check_names(table, instance, checks);
  refuse_checks_of_own_devices(table, instance, checks);
  refuse_contradictions(table, instance);
  return instance;
}

/// False when there is no instance.
bool read_vrrp(Table& vrrp, Config& config) {
  Defaults defaults;
  Claims claims;
  vrrp.read("version", defaults.version, version);
  if (vrrp.read("advertisement_interval", defaults.interval, duration)) {
    defaults.interval_value = vrrp.find("advertisement_interval");
  }
  return vrrp.sections("instance", [&](Table& table) {
    config.instances.push_back(read_instance(table, defaults, claims, config.checks));
  });
}

}  // namespace

bool read_instances(Table& file, Config& config) {
  bool found = false;
  file.section("vrrp", [&](Table& vrrp) {
    found = read_vrrp(vrrp, config);
    refuse_mixed_groups(vrrp, config.instances);
  });
  return found;
}

}  // namespace haguard::conf
