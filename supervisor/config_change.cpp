#include "supervisor/config_change.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace haguard::supervisor {
namespace {

using conf::Check;
using conf::Config;
using conf::Haproxy;
using conf::Instance;
using conf::Process;
using conf::Reload;

/// A key of a section, and whether it is the same in two of them.
template <typename Section>
struct Key {
  const char* name;
  bool (*same)(const Section&, const Section&);
};

template <auto Member, typename Section>
bool same(const Section& one, const Section& other) {
  return one.*Member == other.*Member;
}

/// Names, identity, priority and addresses are told in words of their own.
constexpr std::array kInstanceKeys{
    Key<Instance>{"version", same<&Instance::version>},
    Key<Instance>{"advertisement_interval", same<&Instance::advertisement_interval>},
    Key<Instance>{"preempt", same<&Instance::preempt>},
    Key<Instance>{"preempt_delay", same<&Instance::preempt_delay>},
    Key<Instance>{"startup_delay", same<&Instance::startup_delay>},
    Key<Instance>{"unicast", same<&Instance::unicast>},
    Key<Instance>{"authentication", same<&Instance::password>},
    Key<Instance>{"checksum", same<&Instance::checksum>},
    Key<Instance>{"down_adverts", same<&Instance::down_adverts>},
    Key<Instance>{"garp", same<&Instance::garp>},
    Key<Instance>{"lease", same<&Instance::lease>},
    Key<Instance>{"fast_abdication", same<&Instance::fast_abdication>},
    Key<Instance>{"sync_group", same<&Instance::sync_group>},
    Key<Instance>{"checks", same<&Instance::checks>},
};
constexpr std::array kCheckKeys{
    Key<Check>{"type", same<&Check::type>},
    Key<Check>{"weight", same<&Check::weight>},
    Key<Check>{"interval", same<&Check::interval>},
    Key<Check>{"timeout", same<&Check::timeout>},
    Key<Check>{"rise", same<&Check::rise>},
    Key<Check>{"fall", same<&Check::fall>},
    Key<Check>{"target", same<&Check::target>},
    Key<Check>{"send_proxy", same<&Check::send_proxy>},
    Key<Check>{"http", same<&Check::http>},
    Key<Check>{"frontends or backends", same<&Check::haproxy>},
    Key<Check>{"interface", same<&Check::interface>},
    Key<Check>{"target", same<&Check::gateway>},
    Key<Check>{"command", same<&Check::command>},
    Key<Check>{"user", same<&Check::user>},
    Key<Check>{"path", same<&Check::path>},
};
constexpr std::array kReloadKeys{
    Key<Reload>{"watch", same<&Reload::watch>},
    Key<Reload>{"debounce", same<&Reload::debounce>},
    Key<Reload>{"min_interval", same<&Reload::min_interval>},
    Key<Reload>{"probation", same<&Reload::probation>},
    Key<Reload>{"on_failure", same<&Reload::on_failure>},
};
constexpr std::array kHooksKeys{
    Key<conf::Hooks>{"on_active", same<&conf::Hooks::on_active>},
    Key<conf::Hooks>{"on_backup", same<&conf::Hooks::on_backup>},
    Key<conf::Hooks>{"on_fault", same<&conf::Hooks::on_fault>},
    Key<conf::Hooks>{"timeout", same<&conf::Hooks::timeout>},
};

// Those that take a restart.
constexpr std::array kFixedHaproxyKeys{
    Key<Haproxy>{"mode", same<&Haproxy::mode>},
    Key<Haproxy>{"admin_socket", same<&Haproxy::admin_socket>},
    Key<Haproxy>{"master_socket", same<&Haproxy::master_socket>},
    Key<Haproxy>{"pid_file", same<&Haproxy::pid_file>},
    Key<Haproxy>{"config", same<&Haproxy::config>},
    Key<Haproxy>{"hang_timeout", same<&Haproxy::hang_timeout>},
    Key<Haproxy>{"binary", same<&Haproxy::binary>},
};
constexpr std::array kFixedReloadKeys{
    Key<Reload>{"generations", same<&Reload::generations>},
};
constexpr std::array kFixedProcessKeys{
    Key<Process>{"state_dir", same<&Process::state_dir>},
    Key<Process>{"runtime_dir", same<&Process::runtime_dir>},
    Key<Process>{"realtime_priority", same<&Process::realtime_priority>},
    Key<Process>{"lock_memory", same<&Process::lock_memory>},
};

/// Instances by interface and virtual router id: one for each family, at most.
using Identity = std::pair<std::string_view, int>;
using Identities = std::multimap<Identity, const Instance*>;

Identities identities(const Config& config) {
  Identities all;
  for (const Instance& instance : config.instances) {
    all.emplace(Identity(instance.interface, instance.virtual_router_id), &instance);
  }
  return all;
}

std::set<std::string_view> interfaces(const Config& config) {
  std::set<std::string_view> all;
  for (const Instance& instance : config.instances) {
    all.insert(instance.interface);
    for (const auto* list : {&instance.virtual_addresses, &instance.excluded_addresses}) {
      for (const conf::VirtualAddress& address : *list) {
        all.insert(address.interface);
      }
    }
  }
  return all;
}

class Comparison {
 public:
  Comparison(const Config& running, const conf::Parsed& next, const LocalLinks& links)
      : running_(running),
        next_(next.config),
        places_(next.places),
        links_(links),
        known_interfaces_(interfaces(running)) {}

  ConfigChange run() {
    settings();
    refuse_fixed();
    instances();
    checks();
    return std::move(change_);
  }

 private:
  template <typename Section>
  void keys(const std::string& subject, std::span<const Key<Section>> keys, const Section& before,
            const Section& after) {
    for (const Key<Section>& key : keys) {
      if (!key.same(before, after)) {
        tell(fmt::format("{}{} changed", subject, key.name));
      }
    }
  }

  template <typename Section>
  void fixed(const std::string& section, std::span<const Key<Section>> keys, const Section& before,
             const Section& after) {
    for (const Key<Section>& key : keys) {
      if (!key.same(before, after)) {
        takes_a_restart(section, key.name);
      }
    }
  }

  void settings() {
    if (running_.node_name != next_.node_name) {
      tell(fmt::format("node.name {} -> {}", running_.node_name, next_.node_name));
    }
    keys<Reload>("haproxy.reload.", kReloadKeys, running_.haproxy.reload, next_.haproxy.reload);
    keys<conf::Hooks>("hooks.", kHooksKeys, running_.hooks, next_.hooks);
    tell_if(running_.haproxy.drain_timeout != next_.haproxy.drain_timeout, "haproxy.drain.timeout");
    tell_if(running_.metrics_listen != next_.metrics_listen, "metrics.listen");
    tell_if(running_.log_level != next_.log_level, "log.level");
    tell_if(running_.log_format != next_.log_format, "log.format");
  }

  void refuse_fixed() {
    fixed<Haproxy>("haproxy", kFixedHaproxyKeys, running_.haproxy, next_.haproxy);
    fixed<Reload>("haproxy.reload", kFixedReloadKeys, running_.haproxy.reload,
                  next_.haproxy.reload);
    fixed<Process>("process", kFixedProcessKeys, running_.process, next_.process);
    if (running_.control_socket != next_.control_socket) {
      takes_a_restart("control", "socket");
    }
  }

  void takes_a_restart(const std::string& section, const std::string& key) {
    object(
        places_.of_setting(section, key),
        fmt::format("{}.{}: a change takes a restart: `systemctl restart haguard`, which hands the "
                    "addresses over",
                    section, key));
  }

  void instances() {
    const Identities running = identities(running_);
    const Identities next = identities(next_);
    for (const Instance& after : next_.instances) {
      const Instance* before = same_router(running, after);
      if (before == nullptr) {
        tell(fmt::format("instance {} added", after.name));
      } else {
        instance(*before, after);
      }
      require_links(before, after);
    }
    for (const Instance& before : running_.instances) {
      if (same_router(next, before) == nullptr) {
        tell(fmt::format("instance {} removed", before.name));
      }
    }
  }

  /// Whatever it is called. With another device or as the owner it leaves and comes anew.
  static const Instance* same_router(const Identities& among, const Instance& instance) {
    const auto [first, last] = among.equal_range({instance.interface, instance.virtual_router_id});
    const auto found = std::find_if(first, last, [&](const auto& entry) {
      const Instance& other = *entry.second;
      return other.use_virtual_mac == instance.use_virtual_mac &&
             conf::is_owner(other) == conf::is_owner(instance) && share_a_family(other, instance);
    });
    return found == last ? nullptr : found->second;
  }

  static bool share_a_family(const Instance& one, const Instance& other) {
    const auto families = conf::families(other);
    return std::ranges::any_of(conf::families(one), [&](vrrp::Family family) {
      return std::ranges::find(families, family) != families.end();
    });
  }

  void instance(const Instance& before, const Instance& after) {
    const std::string subject = fmt::format("instance {}: ", after.name);
    if (before.name != after.name) {
      tell(fmt::format("instance {} renamed to {}", before.name, after.name));
    }
    if (before.priority != after.priority) {
      tell(fmt::format("{}priority {} -> {}", subject, before.priority, after.priority));
    }
    addresses(subject + "address ", before.virtual_addresses, after.virtual_addresses);
    addresses(subject + "excluded address ", before.excluded_addresses, after.excluded_addresses);
    keys<Instance>(subject, kInstanceKeys, before, after);
  }

  void addresses(const std::string& subject, const std::vector<conf::VirtualAddress>& before,
                 const std::vector<conf::VirtualAddress>& after) {
    if (before == after) {
      return;  // as nearly always
    }
    missing_in(after, before, subject, "removed");
    missing_in(before, after, subject, "added");
  }

  void missing_in(const std::vector<conf::VirtualAddress>& list,
                  const std::vector<conf::VirtualAddress>& from, const std::string& subject,
                  const char* what) {
    for (const conf::VirtualAddress& address : from) {
      if (std::ranges::find(list, address) == list.end()) {
        tell(fmt::format("{}{}/{} on {} {}", subject, address.address.to_string(),
                         address.prefix_length, address.interface, what));
      }
    }
  }

  /// Of what `after` needs and `before` did not.
  void require_links(const Instance* before, const Instance& after) {
    for (const auto* list : {&after.virtual_addresses, &after.excluded_addresses}) {
      for (const conf::VirtualAddress& address : *list) {
        require_interface(address.interface, after);
      }
    }
    require_interface(after.interface, after);
    const auto known = before == nullptr ? std::vector<vrrp::Family>() : conf::families(*before);
    for (const vrrp::Family family : conf::families(after)) {
      const bool is_new = std::ranges::find(known, family) == known.end();
      if (is_new && !after.unicast && !conf::is_owner(after) &&
          links_.present.contains(after.interface) &&
          !links_.addressed.contains({after.interface, family})) {
        object(places_.of_instance(after.name, "interface"),
               fmt::format("interface {} has no {} address to send from", after.interface,
                           family == vrrp::Family::Ipv4 ? "IPv4" : "IPv6 link-local"));
      }
    }
  }

  void require_interface(const std::string& interface, const Instance& instance) {
    const bool own_device =
        instance.use_virtual_mac && interface != instance.interface;  // made by ourselves
    if (!known_interfaces_.contains(interface) && !own_device &&
        !links_.present.contains(interface)) {
      object(places_.of_instance(instance.name, "interface"),
             fmt::format("interface {} is not there: start with it, or add it first", interface));
    }
  }

  void checks() {
    for (const Check& after : next_.checks) {
      const auto before = std::ranges::find(running_.checks, after.name, &Check::name);
      if (before == running_.checks.end()) {
        tell(fmt::format("check {} added", after.name));
      } else {
        keys<Check>(fmt::format("check {}: ", after.name), kCheckKeys, *before, after);
      }
    }
    for (const Check& before : running_.checks) {
      if (std::ranges::find(next_.checks, before.name, &Check::name) == next_.checks.end()) {
        tell(fmt::format("check {} removed", before.name));
      }
    }
  }

  void tell(std::string line) { change_.lines.push_back(std::move(line)); }
  void tell_if(bool differs, const char* key) {
    if (differs) {
      tell(fmt::format("{} changed", key));
    }
  }
  /// Once, however many addresses are the reason.
  void object(const conf::Place& place, std::string message) {
    conf::Problem problem{place.file, place.line, place.column, conf::Severity::Error,
                          std::move(message)};
    if (std::ranges::find(change_.objections, problem) == change_.objections.end()) {
      change_.objections.push_back(std::move(problem));
    }
  }

  const Config& running_;
  const Config& next_;
  const conf::Places& places_;
  const LocalLinks& links_;
  std::set<std::string_view> known_interfaces_;  ///< of what runs
  ConfigChange change_;
};

}  // namespace

ConfigChange config_change(const conf::Config& running, const conf::Parsed& next,
                           const LocalLinks& links) {
  return Comparison(running, next, links).run();
}

}  // namespace haguard::supervisor
