#pragma once
// Port: the macvlan devices of virtual MAC addresses, and what the interfaces below them need so
// that the virtual addresses are never told at their own MAC address. The devices are made
// administratively down, and set up together with their addresses (vrrp/kernel.h).
//
// On the interface below, for IPv4: arp_ignore 1, else it answers for the addresses of the device;
// arp_announce 2, else it asks for neighbors in their name, and neighbors learn from the question.
// On the device: arp_ignore 1, else it answers for the addresses of the interface; a loose
// rp_filter, as the routes lead through the interface; no IPv6 addresses of its own, and no router
// advertisements, which would make some.

#include <functional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "vrrp/link_requests.h"
#include "vrrp/virtual_devices_record.h"
#include "vrrp/virtual_mac.h"

namespace haguard::vrrp {

class VirtualDevices {
 public:
  using Warn = std::function<void(const std::string& message)>;

  /// Undoes at once what a daemon before us left and `wanted` has no use for. Throws
  /// std::system_error when netlink is not to be had.
  VirtualDevices(boost::asio::io_context& io, std::vector<VirtualDevice> wanted,
                 const std::string& runtime_dir, Warn warn);

  /// From now on these; what nobody wants any more is undone at once.
  void want(std::vector<VirtualDevice> wanted);

  /// Makes a wanted device, or takes over the one that is there; nothing while the interface below
  /// is missing. Why it cannot be had, or empty.
  [[nodiscard]] std::string ensure(const VirtualDevice& device);
  /// Sets it down, so that it is silent. Takes the kernel around 15 ms.
  void set_down(const VirtualDevice& device);
  /// There is a link of that name which is none of ours: not to be touched.
  [[nodiscard]] bool is_foreign(const VirtualDevice& device);
  /// Undoes everything; from then on nothing is made any more. The names of the devices that were
  /// there.
  std::vector<std::string> release();

 private:
  [[nodiscard]] std::string prepare(const VirtualDevice& device, const Link& link);
  [[nodiscard]] std::string claim_parent(const std::string& name, const Link& parent);
  void configure_ipv6(const VirtualDevice& device, int index);
  void set(const std::string& file, char value);
  /// What is not wanted, or all of it.
  std::vector<std::string> undo(bool all);
  void save();

  LinkRequests links_;
  std::vector<VirtualDevice> wanted_;
  std::string path_;
  Warn warn_;
  VirtualDevicesRecord record_;
  bool warned_of_settings_ = false;
};

}  // namespace haguard::vrrp
