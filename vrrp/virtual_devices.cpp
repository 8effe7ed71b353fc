#include "vrrp/virtual_devices.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <utility>

#include <fmt/format.h>

namespace haguard::vrrp {
namespace {

bool is_ours(const Link& link, const VirtualDevice& device, int parent_index) {
  return link.mac == device.mac() && link.macvlan_on == parent_index && parent_index != 0;
}

std::string describe(const VirtualDevice& device, const std::error_code& error) {
  return error ? fmt::format("cannot make {} on {}: {}", device.name(), device.parent,
                             error.message())
               : std::string();
}

/// Stricter settings of the operator stay.
ArpRules narrowed(const ArpRules& rules) {
  return {std::max(rules.ignore, 1U), 2};
}

}  // namespace

VirtualDevices::VirtualDevices(boost::asio::io_context& io, std::vector<VirtualDevice> wanted,
                               const std::string& runtime_dir, Warn warn)
    : links_(io),
      wanted_(std::move(wanted)),
      path_(runtime_dir + "/virtual-mac.json"),
      warn_(std::move(warn)),
      record_(read_record(path_)) {
  undo(false);
}

void VirtualDevices::want(std::vector<VirtualDevice> wanted) {
  wanted_ = std::move(wanted);
  undo(false);
}

std::string VirtualDevices::ensure(const VirtualDevice& device) {
  const bool wanted = std::ranges::find(wanted_, device) != wanted_.end();
  const auto parent = wanted ? links_.find(device.parent) : std::nullopt;
  if (!parent) {
    return {};
  }
  auto link = links_.find(device.name());
  if (link && !is_ours(*link, device, parent->index)) {
    return fmt::format("interface {} exists and is not ours", device.name());
  }
  if (record_.devices.insert(device).second) {
    save();
  }
  if (device.family == Family::Ipv4) {
    if (auto error = claim_parent(device.parent, *parent); !error.empty()) {
      return error;
    }
  }
  if (!link) {
    if (const auto error = links_.add(device, parent->index)) {
      return describe(device, error);
    }
    link = links_.find(device.name());
  }
  return link ? prepare(device, *link)
              : describe(device, std::make_error_code(std::errc::no_such_device));
}

std::string VirtualDevices::prepare(const VirtualDevice& device, const Link& link) {
  auto error = links_.set_arp(link.index, {1, link.arp.announce});
  if (!error) {
    error = links_.set_loose_rp_filter(link.index);
  }
  if (!error) {
    configure_ipv6(device, link.index);
  }
  return describe(device, error);
}

std::string VirtualDevices::claim_parent(const std::string& name, const Link& parent) {
  if (record_.arp.try_emplace(name, parent.arp).second) {
    save();  // before it is changed: nobody could tell afterwards
  }
  const auto rules = narrowed(parent.arp);
  if (rules == parent.arp) {
    return {};
  }
  const auto error = links_.set_arp(parent.index, rules);
  return error ? fmt::format("cannot set the ARP rules of {}: {}", name, error.message())
               : std::string();
}

void VirtualDevices::configure_ipv6(const VirtualDevice& device, int index) {
  // Fails where the kernel has no IPv6, and then nothing of this matters.
  if (links_.stop_address_generation(index)) {
    return;
  }
  const std::string directory = "/proc/sys/net/ipv6/conf/" + device.name();
  set(directory + "/accept_ra", '0');
  if (device.family == Family::Ipv6) {
    set(directory + "/disable_ipv6", '0');
  }
}

void VirtualDevices::set(const std::string& file, char value) {
  char present = 0;
  if (std::ifstream(file).get(present) && present == value) {
    return;
  }
  std::ofstream out(file);
  out << value << std::flush;
  if (!out && !std::exchange(warned_of_settings_, true)) {
    warn_(fmt::format("use_virtual_mac: cannot write {}: {}", file,
                      std::generic_category().message(errno)));
  }
}

void VirtualDevices::set_down(const VirtualDevice& device) {
  const auto link = links_.find(device.name());
  if (!link || is_foreign(device)) {
    return;
  }
  if (const auto error = links_.set_down(link->index)) {
    warn_(fmt::format("cannot set {} down: {}", device.name(), error.message()));
  }
}

bool VirtualDevices::is_foreign(const VirtualDevice& device) {
  const auto link = links_.find(device.name());
  const auto parent = links_.find(device.parent);
  return link && !is_ours(*link, device, parent ? parent->index : 0);
}

std::vector<std::string> VirtualDevices::release() {
  record_.devices.insert(wanted_.begin(), wanted_.end());
  wanted_.clear();
  return undo(true);
}

std::vector<std::string> VirtualDevices::undo(bool all) {
  std::vector<std::string> removed;
  VirtualDevicesRecord kept;
  for (const VirtualDevice& device : record_.devices) {
    const auto link = links_.find(device.name());
    if (!all && std::ranges::find(wanted_, device) != wanted_.end()) {
      kept.devices.insert(device);
    } else if (link && !is_foreign(device) && !links_.remove(link->index)) {
      removed.push_back(device.name());
    }
  }
  for (const auto& [interface, rules] : record_.arp) {
    const auto link = links_.find(interface);
    if (!all && std::ranges::find(wanted_, interface, &VirtualDevice::parent) != wanted_.end()) {
      kept.arp.emplace(interface, rules);
    } else if (link && link->arp == narrowed(rules) && links_.set_arp(link->index, rules)) {
      warn_(fmt::format("cannot set the ARP rules of {} back", interface));
    }
  }
  if (kept != record_) {
    record_ = std::move(kept);
    save();
  }
  return removed;
}

void VirtualDevices::save() {
  if (const auto error = write_record(path_, record_); !error.empty()) {
    warn_(error);
  }
}

}  // namespace haguard::vrrp
