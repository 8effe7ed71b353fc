#include "conf/keepalived/keywords.h"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "conf/keepalived/sections.h"
#include "conf/report.h"
#include "conf/suggestion.h"

namespace haguard::conf::keepalived {
namespace {

struct DroppedKeyword {
  Scope scope;
  std::string_view keyword;
  std::string_view reason;
  Kind kind = Kind::Dropped;
};

constexpr std::string_view kMail = "haguard sends no mail: use [hooks], or an alert on its metrics";
constexpr std::string_view kNoFilter = "haguard never filters packets to the addresses";
constexpr std::string_view kRoutes =
    "haguard sets addresses only: leave routes and rules to the network's configuration, or to a "
    "program of [hooks]";
constexpr std::string_view kHaproxyDoes =
    "haguard has no load balancer of the kernel (LVS): HAProxy distributes the connections";
constexpr std::string_view kUnneeded = "haguard does without";
constexpr std::string_view kProcess =
    "see [process] of haguard.toml: realtime_priority, lock_memory";
constexpr std::string_view kAnnouncements =
    "haguard announces by the times of `garp`, not by counts and gaps";
constexpr std::string_view kNoSource =
    "haguard sends from the interface's first address, or by `unicast` from the one named there";
constexpr std::string_view kSnmp =
    "haguard has metrics over HTTP ([metrics]) instead of SNMP and D-Bus";
constexpr std::string_view kLog =
    "see [log] of haguard.toml; packets that are rejected are counted";
constexpr std::string_view kScripts =
    "haguard runs programs without a shell, and `haguard check` warns of those that everybody may "
    "change";
constexpr std::string_view kFifo = "haguard has no FIFO: use [hooks]";
constexpr std::string_view kOneNode = "haguard is one process for one configuration";
constexpr std::string_view kBfd = "haguard has no BFD: version 3 can advertise every 10ms";
constexpr std::string_view kReload =
    "haguard reads its file whole or not at all, with the old one going on";
constexpr std::string_view kMac =
    "haguard has one form of the virtual MAC address: `use_virtual_mac`";
constexpr std::string_view kStrict =
    "strict mode blocks all packets to the addresses, which also breaks HAProxy; haguard does not";
constexpr std::string_view kGarpGap =
    "0 is not valid there and keepalived ignores it; haguard announces by the times of `garp`";
constexpr std::string_view kMode = "both nodes of haguard elect by RFC 9568, without exceptions";

constexpr std::array kDropped{
    DroppedKeyword{Scope::Top, "virtual_server", kHaproxyDoes},
    DroppedKeyword{Scope::Top, "virtual_server_group", kHaproxyDoes},
    DroppedKeyword{Scope::Top, "static_ipaddress", kRoutes},
    DroppedKeyword{Scope::Top, "static_routes", kRoutes},
    DroppedKeyword{Scope::Top, "static_rules", kRoutes},
    DroppedKeyword{Scope::Top, "track_group", kRoutes},
    DroppedKeyword{Scope::Top, "bfd_instance", kBfd},
    DroppedKeyword{Scope::Top, "garp_group", kAnnouncements},
    DroppedKeyword{Scope::Top, "linkbeat_interfaces", "haguard hears of links from the kernel"},
    DroppedKeyword{Scope::Top, "linkbeat_use_polling", "haguard hears of links from the kernel"},
    DroppedKeyword{Scope::Top, "interface_up_down_delays",
                   "haguard acts on a link at once; `startup_delay` waits after the start"},
    DroppedKeyword{Scope::Top, "net_namespace",
                   "start the unit in the namespace (NetworkNamespacePath= of systemd)"},
    DroppedKeyword{Scope::Top, "instance", kOneNode},
    DroppedKeyword{Scope::Top, "use_pid_dir", kOneNode},
    DroppedKeyword{Scope::Top, "include_check", "`haguard import` names each missing include"},
    DroppedKeyword{Scope::Global, "router_id",
                   "the node is called by its host name; node.name sets another one"},
    DroppedKeyword{Scope::Global, "lvs_id", "keepalived no longer knows it; see node.name"},
    DroppedKeyword{Scope::Global, "notification_email", kMail},
    DroppedKeyword{Scope::Global, "notification_email_from", kMail},
    DroppedKeyword{Scope::Global, "smtp_server", kMail},
    DroppedKeyword{Scope::Global, "smtp_helo_name", kMail},
    DroppedKeyword{Scope::Global, "smtp_connect_timeout", kMail},
    DroppedKeyword{Scope::Global, "smtp_alert", kMail},
    DroppedKeyword{Scope::Global, "smtp_alert_vrrp", kMail},
    DroppedKeyword{Scope::Global, "smtp_alert_checker", kMail},
    DroppedKeyword{Scope::Global, "no_email_faults", kMail},
    DroppedKeyword{Scope::Global, "enable_script_security", kScripts},
    DroppedKeyword{Scope::Global, "vrrp_strict", kStrict, Kind::Verdict},
    DroppedKeyword{Scope::Global, "vrrp_skip_check_adv_addr",
                   "haguard takes an advertisement whatever addresses it lists"},
    DroppedKeyword{Scope::Global, "vrrp_garp_interval", kAnnouncements},
    DroppedKeyword{Scope::Global, "vrrp_gna_interval", kAnnouncements},
    DroppedKeyword{Scope::Global, "vrrp_garp_master_repeat", kAnnouncements},
    DroppedKeyword{Scope::Global, "vrrp_garp_master_refresh_repeat", kAnnouncements},
    DroppedKeyword{Scope::Global, "vrrp_garp_lower_prio_delay", kAnnouncements},
    DroppedKeyword{Scope::Global, "vrrp_garp_lower_prio_repeat", kAnnouncements},
    DroppedKeyword{Scope::Global, "vrrp_garp_extra_if", kAnnouncements},
    DroppedKeyword{Scope::Global, "vrrp_min_garp", kAnnouncements},
    DroppedKeyword{Scope::Global, "vrrp_lower_prio_no_advert", kMode},
    DroppedKeyword{Scope::Global, "vrrp_higher_prio_send_advert", kMode},
    DroppedKeyword{Scope::Global, "vrrp_owner_ignore_adverts", kMode},
    DroppedKeyword{
        Scope::Global, "vrrp_mcast_group4",
        "haguard has the group of the RFC, 224.0.0.18: use `unicast` where it is blocked"},
    DroppedKeyword{Scope::Global, "vrrp_mcast_group6",
                   "haguard has the group of the RFC, ff02::12: use `unicast` where it is blocked"},
    DroppedKeyword{Scope::Global, "vrrp_delay_after_boot",
                   "`startup_delay` counts from the start of the daemon"},
    DroppedKeyword{Scope::Global, "vrrp_iptables", kNoFilter},
    DroppedKeyword{Scope::Global, "vrrp_ipsets", kNoFilter},
    DroppedKeyword{Scope::Global, "nftables", kNoFilter},
    DroppedKeyword{Scope::Global, "disable_local_igmp", kNoFilter},
    DroppedKeyword{Scope::Global, "vrrp_priority", kProcess},
    DroppedKeyword{Scope::Global, "vrrp_no_swap", kProcess},
    DroppedKeyword{Scope::Global, "vrrp_rt_priority", kProcess},
    DroppedKeyword{Scope::Global, "vrrp_rlimit_rttime", kProcess},
    DroppedKeyword{Scope::Global, "vrrp_cpu_affinity", kProcess},
    DroppedKeyword{Scope::Global, "max_auto_priority", kProcess},
    DroppedKeyword{Scope::Global, "min_auto_priority_delay", kProcess},
    DroppedKeyword{Scope::Global, "checker_priority", kHaproxyDoes},
    DroppedKeyword{Scope::Global, "checker_no_swap", kHaproxyDoes},
    DroppedKeyword{Scope::Global, "checker_rt_priority", kHaproxyDoes},
    DroppedKeyword{Scope::Global, "lvs_sync_daemon", kHaproxyDoes},
    DroppedKeyword{Scope::Global, "lvs_flush", kHaproxyDoes},
    DroppedKeyword{Scope::Global, "notify_fifo", kFifo},
    DroppedKeyword{Scope::Global, "notify_fifo_script", kFifo},
    DroppedKeyword{Scope::Global, "vrrp_notify_fifo", kFifo},
    DroppedKeyword{Scope::Global, "vrrp_notify_fifo_script", kFifo},
    DroppedKeyword{Scope::Global, "fifo_write_vrrp_states_on_reload", kFifo},
    DroppedKeyword{Scope::Global, "vrrp_notify_priority_changes", kFifo},
    DroppedKeyword{Scope::Global, "enable_dbus", kSnmp},
    DroppedKeyword{Scope::Global, "dbus_service_name", kSnmp},
    DroppedKeyword{Scope::Global, "enable_traps", kSnmp},
    DroppedKeyword{Scope::Global, "enable_snmp_vrrp", kSnmp},
    DroppedKeyword{Scope::Global, "enable_snmp_keepalived", kSnmp},
    DroppedKeyword{Scope::Global, "enable_snmp_rfc", kSnmp},
    DroppedKeyword{Scope::Global, "snmp_socket", kSnmp},
    DroppedKeyword{Scope::Global, "log_unknown_vrids", kLog},
    DroppedKeyword{Scope::Global, "dynamic_interfaces",
                   "haguard waits for an interface that is not there, and comes back with it"},
    DroppedKeyword{Scope::Global, "vmac_prefix", kMac},
    DroppedKeyword{Scope::Global, "vmac_addr_prefix", kMac},
    DroppedKeyword{Scope::Global, "vrrp_rx_bufs_policy", kUnneeded},
    DroppedKeyword{Scope::Global, "vrrp_rx_bufs_multiplier", kUnneeded},
    DroppedKeyword{Scope::Global, "vrrp_netlink_cmd_rcv_bufs", kUnneeded},
    DroppedKeyword{Scope::Global, "vrrp_netlink_monitor_rcv_bufs", kUnneeded},
    DroppedKeyword{Scope::Global, "child_wait_time", kOneNode},
    DroppedKeyword{Scope::Global, "process_names", kOneNode},
    DroppedKeyword{Scope::Global, "process_name", kOneNode},
    DroppedKeyword{Scope::Global, "umask", "haguard makes its files readable for itself only"},
    DroppedKeyword{Scope::Global, "startup_script", "use ExecStartPre= of the unit"},
    DroppedKeyword{Scope::Global, "startup_script_timeout", "use TimeoutStartSec= of the unit"},
    DroppedKeyword{Scope::Global, "shutdown_script", "use ExecStopPost= of the unit"},
    DroppedKeyword{Scope::Global, "shutdown_script_timeout", "use TimeoutStopSec= of the unit"},
    DroppedKeyword{Scope::Global, "reload_check_config", kReload},
    DroppedKeyword{Scope::Global, "reload_time_file", kReload},
    DroppedKeyword{Scope::Global, "reload_repeat", kReload},
    DroppedKeyword{Scope::Global, "reload_file", kReload},
    DroppedKeyword{Scope::Global, "config_save_dir", kReload},
    DroppedKeyword{Scope::Global, "bfd_rlimit_rttime", kBfd},
    DroppedKeyword{Scope::Global, "data_use_instance", kOneNode},
    DroppedKeyword{Scope::Global, "state_dump_file", "`haguard status --json` shows the state"},
    DroppedKeyword{Scope::Global, "stats_dump_file", "`haguard status --json` shows the state"},
    DroppedKeyword{Scope::Global, "json_dump_file", "`haguard status --json` shows the state"},
    DroppedKeyword{Scope::Instance, "dont_track_primary",
                   "haguard always heeds the interface of the instance: without it no peer hears "
                   "the node"},
    DroppedKeyword{Scope::Instance, "mcast_src_ip", kNoSource},
    DroppedKeyword{Scope::Instance, "mcast_dst_ip",
                   "haguard has the group of the RFC: use `unicast` where it is blocked"},
    DroppedKeyword{Scope::Instance, "track_src_ip", kNoSource},
    DroppedKeyword{Scope::Instance, "unicast_ttl", "haguard sends with TTL 255"},
    DroppedKeyword{Scope::Instance, "unicast_fault_no_peer",
                   "haguard has no `unicast` without peers"},
    DroppedKeyword{Scope::Instance, "old_unicast_checksum",
                   "that is for peers older than keepalived 1.3.7: update them"},
    DroppedKeyword{Scope::Instance, "lvs_sync_daemon_interface", kHaproxyDoes},
    DroppedKeyword{Scope::Instance, "virtual_routes", kRoutes},
    DroppedKeyword{Scope::Instance, "virtual_rules", kRoutes},
    DroppedKeyword{Scope::Instance, "no_virtual_ipaddress",
                   "haguard has no instance without an address"},
    DroppedKeyword{Scope::Instance, "promote_secondaries",
                   "set net.ipv4.conf.<interface>.promote_secondaries=1 in /etc/sysctl.d"},
    DroppedKeyword{Scope::Instance, "use_vmac_addr", kMac},
    DroppedKeyword{Scope::Instance, "vmac_xmit_base", kMac},
    DroppedKeyword{Scope::Instance, "native_ipv6", "haguard takes the family of the addresses"},
    DroppedKeyword{Scope::Instance, "use_ipvlan", kMac},
    DroppedKeyword{Scope::Instance, "vrf",
                   "haguard works on the interface that is named, whatever VRF it is in"},
    DroppedKeyword{Scope::Instance, "accept", "haguard always accepts packets to the addresses"},
    DroppedKeyword{Scope::Instance, "no_accept",
                   "haguard always accepts packets to the addresses, as HAProxy needs them"},
    DroppedKeyword{Scope::Instance, "strict_mode", kStrict, Kind::Verdict},
    DroppedKeyword{Scope::Instance, "skip_check_adv_addr",
                   "haguard takes an advertisement whatever addresses it lists"},
    DroppedKeyword{Scope::Instance, "garp_master_repeat", kAnnouncements},
    DroppedKeyword{Scope::Instance, "garp_master_refresh_repeat", kAnnouncements},
    DroppedKeyword{Scope::Instance, "garp_lower_prio_delay", kAnnouncements},
    DroppedKeyword{Scope::Instance, "garp_lower_prio_repeat", kAnnouncements},
    DroppedKeyword{Scope::Instance, "garp_interval", kAnnouncements},
    DroppedKeyword{Scope::Instance, "gna_interval", kAnnouncements},
    DroppedKeyword{Scope::Instance, "garp_extra_if", kAnnouncements},
    DroppedKeyword{Scope::Instance, "lower_prio_no_advert", kMode},
    DroppedKeyword{Scope::Instance, "higher_prio_send_advert", kMode},
    DroppedKeyword{Scope::Instance, "owner_ignore_adverts", kMode},
    DroppedKeyword{Scope::Instance, "timer_expired_backup", kMode},
    DroppedKeyword{Scope::Instance, "auth_hmac",
                   "haguard has no HMAC trailer, so nodes with it do not understand it: take it "
                   "off the peer as well"},
    DroppedKeyword{Scope::Instance, "track_bfd", kBfd},
    DroppedKeyword{Scope::Instance, "linkbeat_use_polling",
                   "haguard hears of links from the kernel"},
    DroppedKeyword{Scope::Instance, "kernel_rx_buf_size", kUnneeded},
    DroppedKeyword{Scope::Instance, "debug", "see log.level"},
    DroppedKeyword{Scope::Instance, "smtp_alert", kMail},
    DroppedKeyword{Scope::Instance, "notify_stop",
                   "on_backup also runs when an Active haguard is stopped, with HAGUARD_STATE"},
    DroppedKeyword{Scope::Instance, "notify_deleted", "on_backup runs when Active ends"},
    DroppedKeyword{Scope::Instance, "notify_master_rx_lower_pri",
                   "the metrics count what is received from peers"},
    DroppedKeyword{Scope::Instance, "notify_priority_changes",
                   "the log and the metrics have the priority"},
    DroppedKeyword{Scope::Group, "global_tracking",
                   "instances of a sync_group always fail together"},
    DroppedKeyword{Scope::Group, "track_bfd", kBfd},
    DroppedKeyword{Scope::Group, "smtp_alert", kMail},
    DroppedKeyword{Scope::Group, "notify_stop",
                   "on_backup also runs when an Active haguard is stopped, with HAGUARD_STATE"},
    DroppedKeyword{Scope::Group, "notify_priority_changes",
                   "the log and the metrics have the priority"},
    DroppedKeyword{Scope::Group, "sync_group_tracking_weight",
                   "the weights of an instance's checks always count for it"},
    DroppedKeyword{Scope::Script, "init_fail",
                   "haguard takes part in no election before each check has had its first verdict"},
    DroppedKeyword{Scope::Thing, "init_file", "haguard writes no files that it watches"},
    DroppedKeyword{Scope::Thing, "param_match", "parameters of programs are not looked at"},
    DroppedKeyword{Scope::Thing, "full_command", "parameters of programs are not looked at"},
    DroppedKeyword{Scope::Thing, "quorum", "one process is enough"},
    DroppedKeyword{Scope::Thing, "quorum_max", "one process is enough"},
    DroppedKeyword{Scope::Thing, "fork_delay", "`rise` counts passes in a row instead"},
    DroppedKeyword{Scope::Thing, "terminate_delay", "`fall` counts failures in a row instead"},
    DroppedKeyword{Scope::Thing, "delay", "`rise` and `fall` count in a row instead"},
};

bool is_gap(std::string_view keyword) {
  return keyword.ends_with("garp_interval") || keyword.ends_with("gna_interval");
}

bool is_off(std::string_view word) {
  return word == "off" || word == "false" || word == "no";
}

/// A gap of zero is in very many configurations, and keepalived refuses it.
DroppedKeyword as_written(DroppedKeyword known, const Statement& statement) {
  if (is_gap(known.keyword) && statement.argument(1) == "0") {
    known.reason = kGarpGap;
    known.kind = Kind::Verdict;
  }
  if (known.kind == Kind::Verdict && is_off(statement.argument(1))) {
    known.reason = "it is off, as it always is in haguard";
    known.kind = Kind::Dropped;
  }
  return known;
}

std::string unknown(const Statement& statement, Scope scope,
                    const std::vector<std::string_view>& converted) {
  std::vector<std::string> names(converted.begin(), converted.end());
  for (const DroppedKeyword& known : kDropped) {
    if (known.scope == scope) {
      names.emplace_back(known.keyword);
    }
  }
  return fmt::format("unknown keyword {}{}; keepalived ignores it, too",
                     in_quotes(statement.keyword()), suggestion(statement.keyword(), names));
}

}  // namespace

void drop(const Statement& statement, Scope scope, const std::vector<std::string_view>& converted,
          Findings& findings) {
  const std::string with_block = statement.has_block ? " and all in its block" : "";
  const auto* found = std::ranges::find_if(kDropped, [&](const DroppedKeyword& known) {
    return known.scope == scope && known.keyword == statement.keyword();
  });
  if (found == kDropped.end()) {
    findings.dropped(statement.place, unknown(statement, scope, converted) +
                                          (with_block.empty() ? "" : "; so is all in its block"));
    return;
  }
  const auto known = as_written(*found, statement);
  const auto message = fmt::format("{}{}: {}", known.keyword, with_block, known.reason);
  if (known.kind == Kind::Verdict) {
    findings.verdict(statement.place, message);
  } else {
    findings.dropped(statement.place, message);
  }
}

std::vector<KnownKeyword> known_keywords() {
  auto result = converted_keywords();
  for (const DroppedKeyword& known : kDropped) {
    result.push_back({known.scope, known.keyword});
  }
  return result;
}

}  // namespace haguard::conf::keepalived
