// Any bytes as one datagram of the kernel, through the walk over its messages into the table of
// links and addresses. Whatever was said, what follows for an interface must be consistent.
#include <algorithm>
#include <cstdlib>
#include <functional>

#include "vrrp/link_table.h"
#include "vrrp/netlink_messages.h"

namespace {

using namespace haguard::vrrp;

const std::set<IpAddress>& virtual_addresses() {
  static const std::set<IpAddress> kAddresses{IpAddress::v4(172, 28, 1, 254),
                                              *IpAddress::parse("2001:db8:28::fe"),
                                              *IpAddress::parse("fe80::fe")};
  return kAddresses;
}

bool is_virtual(const IpAddress& address) {
  return virtual_addresses().contains(address);
}

bool consistent(const LinkStatus& status, const std::vector<HeldAddress>& held) {
  if (!status.present) {
    LinkStatus absent;
    absent.interface = status.interface;
    return status == absent && held.empty();
  }
  // Strictly ascending: sorted, and each once.
  const bool sorted = std::ranges::adjacent_find(held, std::ranges::greater_equal(),
                                                 &HeldAddress::address) == held.end();
  const bool has_link_local = status.link_local != IpAddress();
  return sorted && std::ranges::all_of(held, is_virtual, &HeldAddress::address) &&
         status.primary.family() == Family::Ipv4 && !is_virtual(status.primary) &&
         !is_virtual(status.link_local) && has_link_local == status.link_local.is_link_local();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A copy of exactly this size: aligned, and a read beyond it is seen.
  std::vector<std::uint8_t> datagram(data, data + size);
  LinkTable table(virtual_addresses());
  for_each_message(datagram, [&table](nlmsghdr& message) { table.apply(message); });
  for (const char* interface : {"v0", "v1", "lo"}) {
    if (!consistent(table.status(interface), table.held(interface))) {
      std::abort();
    }
  }
  return 0;
}
