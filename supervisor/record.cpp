#include "supervisor/record.h"

#include <nlohmann/json.hpp>

namespace haguard::supervisor {
namespace {

using Json = nlohmann::json;

Json to_json(const conf::VirtualAddress& address) {
  return {{"address", address.address.to_string()},
          {"prefix_length", address.prefix_length},
          {"interface", address.interface}};
}

Json to_json(const RecordedRouter& router) {
  Json addresses = Json::array();
  for (const conf::VirtualAddress& address : router.addresses) {
    addresses.push_back(to_json(address));
  }
  return {{"instance", router.instance},
          {"family", vrrp::to_string(router.family)},
          {"virtual_router_id", router.virtual_router_id},
          {"priority", router.priority},
          {"addresses", std::move(addresses)}};
}

int integer_between(int least, int most, const Json& value) {
  const auto number = value.get<std::int64_t>();
  if (number < least || number > most) {
    throw std::out_of_range("record");
  }
  return static_cast<int>(number);
}

conf::VirtualAddress read_address(const Json& json) {
  conf::VirtualAddress address;
  address.address = vrrp::IpAddress::parse(json.at("address").get<std::string>()).value();
  address.prefix_length = static_cast<std::uint8_t>(integer_between(
      1, vrrp::host_prefix_length(address.address.family()), json.at("prefix_length")));
  address.interface = json.at("interface").get<std::string>();
  return address;
}

RecordedRouter read_router(const Json& json) {
  RecordedRouter router;
  router.instance = json.at("instance").get<std::string>();
  const auto family = json.at("family").get<std::string>();
  router.family =
      family == vrrp::to_string(vrrp::Family::Ipv6) ? vrrp::Family::Ipv6 : vrrp::Family::Ipv4;
  router.virtual_router_id = integer_between(1, 255, json.at("virtual_router_id"));
  router.priority = integer_between(1, 255, json.at("priority"));
  for (const Json& address : json.at("addresses")) {
    router.addresses.push_back(read_address(address));
  }
  return router;
}

}  // namespace

std::vector<conf::VirtualAddress> record_of_addresses(
    const std::vector<conf::VirtualAddress>& addresses) {
  auto recorded = addresses;
  for (conf::VirtualAddress& address : recorded) {
    address.label.clear();
  }
  return recorded;
}

std::string to_text(const Record& record) {
  Json routers = Json::array();
  for (const RecordedRouter& router : record.routers) {
    routers.push_back(to_json(router));
  }
  return Json{{"boot_id", record.boot_id}, {"routers", std::move(routers)}}.dump() + "\n";
}

std::optional<Record> parse_record(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    Record record;
    record.boot_id = json.at("boot_id").get<std::string>();
    for (const Json& router : json.at("routers")) {
      record.routers.push_back(read_router(router));
    }
    return record;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace haguard::supervisor
