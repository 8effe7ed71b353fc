#include "supervisor/metric_table.h"

namespace haguard::supervisor {
namespace {

constexpr std::array kTable{
    MetricRow{
        "haguard_build_info", MetricType::Gauge, "Always 1; the version is a label.", {"version"}},
    MetricRow{"haguard_drained",
              MetricType::Gauge,
              "1 while this node is drained and stays out of every election.",
              {}},
    MetricRow{"haguard_vrrp_state",
              MetricType::Gauge,
              "1 for the state that is held, else 0.",
              {"instance", "family", "state"}},
    MetricRow{"haguard_vrrp_priority",
              MetricType::Gauge,
              "Priority as configured, and as changed by the checks.",
              {"instance", "family", "kind"}},
    MetricRow{"haguard_vrrp_transitions_total",
              MetricType::Counter,
              "Changes of state.",
              {"instance", "family", "to"}},
    MetricRow{"haguard_vrrp_advertisements_sent_total",
              MetricType::Counter,
              "Advertisements sent.",
              {"instance", "family"}},
    MetricRow{"haguard_vrrp_advertisements_received_total",
              MetricType::Counter,
              "Advertisements accepted.",
              {"instance", "family"}},
    MetricRow{"haguard_vrrp_packets_rejected_total",
              MetricType::Counter,
              "VRRP packets dropped; no instance when none of ours has that virtual router id.",
              {"instance", "family", "reason"}},
    MetricRow{"haguard_vrrp_active_router_info",
              MetricType::Gauge,
              "Always 1; the address of the Active router, absent while none is known.",
              {"instance", "family", "address"}},
    MetricRow{"haguard_vrrp_addresses_held",
              MetricType::Gauge,
              "Virtual addresses on this node.",
              {"instance", "family"}},
    MetricRow{"haguard_vrrp_held_down",
              MetricType::Gauge,
              "1 while it does not preempt because it or a check of it has changed too often.",
              {"instance", "family"}},
    MetricRow{"haguard_vrrp_address_conflicts_total",
              MetricType::Counter,
              "Times that another station claimed an address that this node holds.",
              {"instance", "family"}},
    MetricRow{"haguard_vrrp_addresses_restored_total",
              MetricType::Counter,
              "Virtual addresses put back after they had gone without our doing.",
              {"instance", "family"}},
    MetricRow{"haguard_vrrp_advertisement_lateness_seconds",
              MetricType::Histogram,
              "How long after its time a scheduled advertisement left.",
              {"instance", "family"}},
    MetricRow{"haguard_loop_stall_seconds",
              MetricType::Histogram,
              "How long after its time the protocol loop acted upon a deadline.",
              {}},
    MetricRow{"haguard_check_status",
              MetricType::Gauge,
              "1 while the check is passing, 0 while failing or without a first verdict.",
              {"check"}},
    MetricRow{"haguard_check_duration_seconds",
              MetricType::Histogram,
              "From the start of a probe to its result.",
              {"check"}},
    MetricRow{"haguard_check_transitions_total",
              MetricType::Counter,
              "New verdicts of a check.",
              {"check", "to"}},
    MetricRow{
        "haguard_haproxy_up", MetricType::Gauge, "1 while HAProxy is running and answers.", {}},
    MetricRow{"haguard_haproxy_old_workers",
              MetricType::Gauge,
              "HAProxy workers of before a reload that still serve connections.",
              {}},
    MetricRow{"haguard_haproxy_warning",
              MetricType::Gauge,
              "1 while something about HAProxy wants an engineer, though it serves.",
              {"warning"}},
    MetricRow{"haguard_log_messages_dropped_total",
              MetricType::Counter,
              "Log lines lost because whoever reads the log did not keep up.",
              {}},
};
static_assert(kTable.size() == static_cast<std::size_t>(Metric::LogDropped) + 1);

}  // namespace

std::span<const MetricRow> metric_table() {
  return kTable;
}

const MetricRow& row(Metric metric) {
  return kTable.at(static_cast<std::size_t>(metric));
}

}  // namespace haguard::supervisor
