// Lines in the form of proc(5) and of the kernel's Documentation/networking/proc_net_tcp.

#include "proxy-bridge/socket_table.h"

#include <bit>

#include <gtest/gtest.h>

namespace haguard::proxy {
namespace {

static_assert(std::endian::native == std::endian::little, "the samples are of such a machine");

SocketAddresses listening(std::string_view line) {
  SocketAddresses found;
  add_socket(line, SocketState::Listening, found);
  return found;
}

SocketAddresses only(const char* address, std::uint16_t port) {
  return {{vrrp::IpAddress::parse(address).value(), port}};
}

TEST(SocketTable, AListenerOfIpv4) {
  EXPECT_EQ(listening("   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000"
                      "     0        0 12345 1 0000000000000000 100 0 0 10 0"),
            only("127.0.0.1", 8080));
}

TEST(SocketTable, AListenerOfIpv6) {
  EXPECT_EQ(listening("   1: B80D0120000000000000000001000000:0050 "
                      "00000000000000000000000000000000:0000 0A 00000000:00000000"),
            only("2001:db8::1", 80));
}

TEST(SocketTable, OtherStatesAreNotListening) {
  EXPECT_TRUE(listening("   0: 0100007F:1F90 0100007F:A001 01 00000000:00000000").empty());
  EXPECT_TRUE(listening("   0: 0100007F:1F90 00000000:0000 07 00000000:00000000").empty());
}

TEST(SocketTable, OtherLinesAddNothing) {
  EXPECT_TRUE(listening("  sl  local_address rem_address   st tx_queue rx_queue").empty());
  EXPECT_TRUE(listening("").empty());
  EXPECT_TRUE(listening("0: 0100007:1F90 0:0 0A").empty());
  EXPECT_TRUE(listening("0: 0100007F 0:0 0A").empty());
  EXPECT_TRUE(listening("0: 0100007F0100007F:1F90 0:0 0A").empty());
  EXPECT_TRUE(listening("0: 0100007F:1F90F 0:0 0A").empty());
  EXPECT_TRUE(listening("0: B80D012000000000000000000100000000000000:0050 0:0 0A").empty());
}

}  // namespace
}  // namespace haguard::proxy
