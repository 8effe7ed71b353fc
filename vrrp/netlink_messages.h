#pragma once
// Netlink messages as bytes: one to be written, or those of a datagram one by one.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include <netlink/msg.h>

namespace haguard::vrrp {

/// A request under construction; its header is nlmsg_hdr(message.get()).
using NetlinkMessage = std::unique_ptr<nl_msg, decltype(&nlmsg_free)>;
[[nodiscard]] NetlinkMessage make_netlink_message(std::uint16_t type, int flags,
                                                  std::uint32_t sequence);

/// Hands over the messages of a datagram in their order, each within the bytes given; ends at the
/// first whose length does not fit. The datagram is aligned as nlmsghdr is.
void for_each_message(std::span<std::uint8_t> datagram,
                      const std::function<void(nlmsghdr&)>& handle);

}  // namespace haguard::vrrp
