// Frames by hand: the messages are advertisements of virtual router 51 for 192.0.2.10 and .11, and
// for fe80::200:5eff:fe00:233.
#include "vrrp/frame.h"

#include <gtest/gtest.h>

#include "vrrp/virtual_mac.h"

namespace haguard::vrrp {
namespace {

using Bytes = std::vector<std::uint8_t>;

IpAddress address(const char* text) {
  return IpAddress::parse(text).value();
}

TEST(MulticastFrame, OverIpv4) {
  const Bytes message{0x31, 0x33, 0x64, 0x02, 0x00, 0x64, 0x43, 0xbb, 192, 0, 2, 10, 192, 0, 2, 11};
  const Bytes expected{
      0x01, 0x00, 0x5e, 0x00, 0x00, 0x12,              // 224.0.0.18 (RFC 1112 6.4)
      0x00, 0x00, 0x5e, 0x00, 0x01, 0x33, 0x08, 0x00,  // from the virtual MAC; IPv4
      0x45, 0xc0, 0x00, 0x24,                          // 20 bytes of header; TOS; 36 bytes
      0x00, 0x00, 0x00, 0x00,                          // no flags, and so no "do not fragment"
      0xff, 0x70, 0x18, 0x96,                          // TTL 255, protocol 112, checksum
      192,  0,    2,    1,    224,  0,    0,    18,    //
      0x31, 0x33, 0x64, 0x02, 0x00, 0x64, 0x43, 0xbb,  //
      192,  0,    2,    10,   192,  0,    2,    11};
  EXPECT_EQ(multicast_frame(virtual_mac(Family::Ipv4, 51),
                            {address("192.0.2.1"), address("224.0.0.18")}, message),
            expected);
}

TEST(MulticastFrame, OverIpv6) {
  const Bytes message{0x31, 0x33, 0x64, 0x01, 0x00, 0x64, 0x12, 0x34, 0xfe, 0x80, 0x00, 0x00,
                      0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x5e, 0xff, 0xfe, 0x00, 0x02, 0x33};
  Bytes expected{0x33, 0x33, 0x00, 0x00, 0x00, 0x12,              // ff02::12 (RFC 2464 7)
                 0x00, 0x00, 0x5e, 0x00, 0x02, 0x33, 0x86, 0xdd,  // from the virtual MAC; IPv6
                 0x6c, 0x00, 0x00, 0x00,                          // version 6, traffic class 0xC0
                 0x00, 0x18, 0x70, 0xff,  // 24 bytes, next header 112, hop limit 255
                 0xfe, 0x80, 0,    0,    0,    0,    0,    0,    0, 0, 0, 0, 0, 0, 0, 0x01,  //
                 0xff, 0x02, 0,    0,    0,    0,    0,    0,    0, 0, 0, 0, 0, 0, 0, 0x12};
  expected.insert(expected.end(), message.begin(), message.end());
  EXPECT_EQ(multicast_frame(virtual_mac(Family::Ipv6, 51),
                            {address("fe80::1"), address("ff02::12")}, message),
            expected);
}

TEST(MulticastFrame, TwentyThreeBitsOfAnIpv4GroupAreInItsMac) {
  const auto frame = multicast_frame({}, {address("192.0.2.1"), address("239.255.1.2")}, {});
  EXPECT_EQ(Bytes(frame.begin(), frame.begin() + 6), (Bytes{0x01, 0x00, 0x5e, 0x7f, 0x01, 0x02}));
}

TEST(VirtualMac, IsThatOfTheRfc) {
  EXPECT_EQ(virtual_mac(Family::Ipv4, 51).to_string(), "00:00:5e:00:01:33");
  EXPECT_EQ(virtual_mac(Family::Ipv6, 255).to_string(), "00:00:5e:00:02:ff");
}

TEST(VirtualMac, TheDeviceHasFamilyAndIdInItsName) {
  EXPECT_EQ((VirtualDevice{Family::Ipv4, 51, "eth0"}.name()), "vrrp4.51");
  EXPECT_EQ((VirtualDevice{Family::Ipv6, 255, "eth0"}.name()), "vrrp6.255");
}

}  // namespace
}  // namespace haguard::vrrp
