#include "supervisor/status.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "supervisor/version.h"

namespace haguard::supervisor {
namespace {

using Json = nlohmann::json;

Json to_json(const health::Fitness& fitness) {
  Json adjustments = Json::array();
  for (const health::Adjustment& adjustment : fitness.adjustments) {
    adjustments.push_back({{"check", adjustment.check}, {"weight", adjustment.weight}});
  }
  return {{"configured", fitness.configured},
          {"effective", fitness.effective},
          {"adjustments", std::move(adjustments)}};
}

Json to_json(const RouterStatus& router) {
  Json active_router;  // null: none heard
  if (router.active_router) {
    active_router = {{"address", router.active_router->to_string()},
                     {"priority", router.active_priority}};
  }
  Json json = {{"name", router.instance},
               {"family", vrrp::to_string(router.family)},
               {"interface", router.interface},
               {"virtual_router_id", router.virtual_router_id},
               {"state", vrrp::to_string(router.state)},
               {"reason", router.reason},
               {"since", to_iso8601(router.since)},
               {"transitions", router.transitions},
               {"priority", to_json(router.fitness)},
               {"addresses", router.addresses},
               {"addresses_held", router.holds_addresses},
               {"active_router", std::move(active_router)},
               {"election", router.election},
               {"hold_down", nullptr}};
  if (router.held_down_until) {
    json["hold_down"] = {{"until", to_iso8601(*router.held_down_until)},
                         {"reason", router.held_down_why}};
  }
  if (router.virtual_mac) {
    json["virtual_mac"] = router.virtual_mac->to_string();
  }
  return json;
}

Json to_json(const CheckStatus& check) {
  Json history = Json::array();
  for (const CheckChange& change : check.history) {
    history.push_back(
        {{"time", to_iso8601(change.time)}, {"status", health::to_string(change.status)}});
  }
  return {{"name", check.name},
          {"type", check.type},
          {"status", health::to_string(check.status)},
          {"since", to_iso8601(check.since)},
          {"detail", check.detail},
          {"history", std::move(history)}};
}

Json haproxy_of(const Status& status) {
  const std::optional<proxy::Condition>& haproxy = status.haproxy;
  if (!haproxy) {
    return {{"mode", "none"}};
  }
  Json warnings = Json::array();
  for (const auto& [what, detail] : haproxy->warnings) {
    warnings.push_back({{"warning", proxy::to_string(what)}, {"detail", detail}});
  }
  Json json{{"mode", status.haproxy_managed ? "managed" : "attached"},
            {"status", proxy::to_string(haproxy->status)},
            {"detail", haproxy->detail},
            {"version", haproxy->version},
            {"master_pid", haproxy->master_pid},
            {"worker_pid", haproxy->worker_pid},
            {"old_workers", haproxy->old_workers},
            {"warnings", std::move(warnings)}};
  json.update(to_json(status.reloads));
  return json;
}

Json to_json(const PeerStatus& peer) {
  return {{"address", peer.address.to_string()},
          {"priority", peer.priority},
          {"last_advert", to_iso8601(peer.last_advert)}};
}

template <typename T>
Json to_array(const std::vector<T>& values) {
  Json array = Json::array();
  for (const T& value : values) {
    array.push_back(to_json(value));
  }
  return array;
}

}  // namespace

std::string unready(const Status& status) {
  std::string reasons;
  for (const RouterStatus& router : status.routers) {
    if (router.state == vrrp::State::Initialize) {
      reasons += fmt::format("{}/{}: {}\n", router.instance, vrrp::to_string(router.family),
                             router.reason);
    }
  }
  return reasons;
}

nlohmann::json to_json(const Status& status) {
  return {{"node", status.node},
          {"version", kVersion},
          {"time", to_iso8601(status.time)},
          {"uptime_s", status.uptime_s},
          {"mode", status.mode},
          {"mode_since", to_iso8601(status.mode_since)},
          {"instances", to_array(status.routers)},
          {"checks", to_array(status.checks)},
          {"haproxy", haproxy_of(status)},
          {"peers", to_array(status.peers)}};
}

}  // namespace haguard::supervisor
