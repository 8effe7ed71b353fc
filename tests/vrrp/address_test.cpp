#include "vrrp/address.h"

#include <gtest/gtest.h>

namespace haguard::vrrp {
namespace {

TEST(Address, ReadsAndPrintsBothFamilies) {
  EXPECT_EQ(IpAddress::parse("172.28.1.254")->to_string(), "172.28.1.254");
  EXPECT_EQ(IpAddress::parse("FE80:0::1")->to_string(), "fe80::1");
  EXPECT_EQ(IpAddress::parse("172.28.1.254"), IpAddress::v4(172, 28, 1, 254));
}

TEST(Address, RefusesWhatIsNotAnAddress) {
  for (const char* text : {"", "172.28.1", "172.28.1.256", "172.28.1.1/24", " 172.28.1.1",
                           "fe80::1%lo", "1.2.3.4.5", "::g"}) {
    EXPECT_EQ(IpAddress::parse(text), std::nullopt) << text;
  }
  EXPECT_EQ(IpAddress::parse(std::string_view("1.2.3.4\0junk", 12)), std::nullopt);
}

TEST(Address, IsOrderedAsAnUnsignedNumberInNetworkOrder) {
  EXPECT_LT(*IpAddress::parse("10.0.0.9"), *IpAddress::parse("10.0.0.10"));
  EXPECT_LT(*IpAddress::parse("127.0.0.1"), *IpAddress::parse("128.0.0.1"));
  EXPECT_LT(*IpAddress::parse("fe80::1"), *IpAddress::parse("fe80::8000:0:0:0"));
}

TEST(Address, ComesFromFourOrSixteenBytesOnly) {
  const std::array<std::uint8_t, 16> bytes{192, 0, 2, 1};
  EXPECT_EQ(IpAddress::from_bytes(std::span(bytes).first(4)), IpAddress::v4(192, 0, 2, 1));
  EXPECT_EQ(IpAddress::from_bytes(bytes)->family(), Family::Ipv6);
  EXPECT_EQ(IpAddress::from_bytes(std::span(bytes).first(5)), std::nullopt);
  EXPECT_EQ(IpAddress::from_bytes({}), std::nullopt);
}

TEST(Address, KnowsMulticastAndTheUnspecifiedAddress) {
  EXPECT_TRUE(IpAddress::parse("224.0.0.18")->is_multicast());
  EXPECT_TRUE(IpAddress::parse("239.255.0.1")->is_multicast());
  EXPECT_TRUE(IpAddress::parse("ff02::12")->is_multicast());
  EXPECT_FALSE(IpAddress::parse("223.0.0.1")->is_multicast());
  EXPECT_FALSE(IpAddress::parse("240.0.0.1")->is_multicast());
  EXPECT_TRUE(IpAddress().is_unspecified());
  EXPECT_TRUE(IpAddress::parse("::")->is_unspecified());
  EXPECT_FALSE(IpAddress::parse("0.0.0.1")->is_unspecified());
}

TEST(Address, PrintsMacAddresses) {
  EXPECT_EQ((MacAddress{{0x00, 0x00, 0x5e, 0x00, 0x01, 0x33}}).to_string(), "00:00:5e:00:01:33");
}

}  // namespace
}  // namespace haguard::vrrp
