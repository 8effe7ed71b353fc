#pragma once
// What was changed in this machine for the sake of virtual MAC addresses, as a file in the runtime
// directory: whoever comes after a daemon that died undoes it, or goes on with it.

#include <map>
#include <optional>
#include <set>
#include <string>

#include "vrrp/link_messages.h"
#include "vrrp/virtual_mac.h"

namespace haguard::vrrp {

struct VirtualDevicesRecord {
  std::set<VirtualDevice> devices;      ///< made by us
  std::map<std::string, ArpRules> arp;  ///< by interface: as they were before

  bool operator==(const VirtualDevicesRecord&) const = default;
};

/// Empty when there is no file, or none that reads as a whole.
[[nodiscard]] VirtualDevicesRecord read_record(const std::string& path);
/// Replaces the file as a whole, or removes it when there is nothing to say. The error, or empty.
[[nodiscard]] std::string write_record(const std::string& path, const VirtualDevicesRecord& record);

}  // namespace haguard::vrrp
