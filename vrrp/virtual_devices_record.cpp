#include "vrrp/virtual_devices_record.h"

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "conf/file.h"

namespace haguard::vrrp {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLargestRecord = std::size_t{1} << 20U;

Json to_json(const VirtualDevicesRecord& record) {
  Json devices = Json::array();
  for (const VirtualDevice& device : record.devices) {
    devices.push_back({{"family", to_string(device.family)},
                       {"virtual_router_id", device.virtual_router_id},
                       {"interface", device.parent}});
  }
  Json arp = Json::object();
  for (const auto& [interface, rules] : record.arp) {
    arp[interface] = {{"ignore", rules.ignore}, {"announce", rules.announce}};
  }
  return {{"devices", std::move(devices)}, {"arp", std::move(arp)}};
}

std::uint32_t number_up_to(std::uint32_t most, const Json& value) {
  const auto number = value.get<std::uint32_t>();
  if (!value.is_number_unsigned() || number > most) {
    throw std::out_of_range("record");
  }
  return number;
}

VirtualDevicesRecord from_json(const Json& json) {
  VirtualDevicesRecord record;
  for (const Json& device : json.at("devices")) {
    const bool ipv6 = device.at("family").get<std::string>() == to_string(Family::Ipv6);
    const auto id = number_up_to(255, device.at("virtual_router_id"));
    record.devices.insert({ipv6 ? Family::Ipv6 : Family::Ipv4, static_cast<std::uint8_t>(id),
                           device.at("interface").get<std::string>()});
  }
  for (const auto& [interface, rules] : json.at("arp").items()) {
    record.arp[interface] = {number_up_to(8, rules.at("ignore")),
                             number_up_to(2, rules.at("announce"))};
  }
  return record;
}

}  // namespace

VirtualDevicesRecord read_record(const std::string& path) {
  const auto content = conf::read_file(path, kLargestRecord);
  const auto* file = std::get_if<conf::FileContent>(&content);
  try {
    return file == nullptr ? VirtualDevicesRecord{} : from_json(Json::parse(file->text));
  } catch (const std::exception&) {
    return {};
  }
}

std::string write_record(const std::string& path, const VirtualDevicesRecord& record) {
  if (record == VirtualDevicesRecord{}) {
    std::remove(path.c_str());
    return {};
  }
  const std::string draft = path + ".new";
  std::ofstream file(draft, std::ios::trunc);
  file << to_json(record).dump() << "\n";
  file.close();
  if (!file || std::rename(draft.c_str(), path.c_str()) != 0) {
    return fmt::format("{}: {}", path, std::generic_category().message(errno));
  }
  return {};
}

}  // namespace haguard::vrrp
