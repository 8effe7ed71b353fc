#include "tests/vrrp/frame_tap.h"

#include <poll.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include "tests/vrrp/network.h"

namespace haguard::vrrp {

FrameTap::FrameTap(std::uint16_t protocol, const std::string& interface)
    : descriptor_(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(protocol))) {
  sockaddr_ll local{};
  local.sll_family = AF_PACKET;
  local.sll_protocol = htons(protocol);
  local.sll_ifindex = interface_index(interface);
  EXPECT_EQ(::bind(descriptor_, reinterpret_cast<sockaddr*>(&local), sizeof(local)), 0);
}

FrameTap::~FrameTap() {
  ::close(descriptor_);
}

void FrameTap::send(const Bytes& frame) {
  EXPECT_EQ(::send(descriptor_, frame.data(), frame.size(), 0), static_cast<ssize_t>(frame.size()));
}

Bytes FrameTap::receive() {
  pollfd readable{descriptor_, POLLIN, 0};
  if (::poll(&readable, 1, 1000) != 1) {
    return {};
  }
  Bytes frame(2048);
  const auto size = ::recv(descriptor_, frame.data(), frame.size(), 0);
  frame.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return frame;
}

}  // namespace haguard::vrrp
