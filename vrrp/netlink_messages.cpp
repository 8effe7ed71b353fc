#include "vrrp/netlink_messages.h"

#include <new>

namespace haguard::vrrp {

NetlinkMessage make_netlink_message(std::uint16_t type, int flags, std::uint32_t sequence) {
  NetlinkMessage message(nlmsg_alloc_simple(type, flags), &nlmsg_free);
  if (!message) {
    throw std::bad_alloc();
  }
  nlmsg_hdr(message.get())->nlmsg_seq = sequence;
  return message;
}

void for_each_message(std::span<std::uint8_t> datagram,
                      const std::function<void(nlmsghdr&)>& handle) {
  int remaining = static_cast<int>(datagram.size());
  auto* message = reinterpret_cast<nlmsghdr*>(datagram.data());
  while (nlmsg_ok(message, remaining) != 0) {
    handle(*message);
    message = nlmsg_next(message, &remaining);
  }
}

}  // namespace haguard::vrrp
