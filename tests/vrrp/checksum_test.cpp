#include "vrrp/checksum.h"

#include <gtest/gtest.h>

namespace haguard::vrrp {
namespace {

TEST(Checksum, TheExampleOfTheRfc) {
  // RFC 1071 3
  const std::array<std::uint8_t, 8> bytes{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
  EXPECT_EQ(add_words(0, bytes), 0x2ddf0U);
  EXPECT_EQ(fold(0x2ddf0), 0xddf2U);
}

TEST(Checksum, AnOddByteIsTheHighOne) {
  const std::array<std::uint8_t, 3> bytes{0x00, 0x01, 0xf2};
  EXPECT_EQ(add_words(0, bytes), 0xf201U);
}

TEST(Checksum, CarriesOfCarriesAreAdded) {
  EXPECT_EQ(fold(0xffff), 0xffffU);
  EXPECT_EQ(fold(0x1ffff), 1U);
  EXPECT_EQ(fold(0xffffffff), 0xffffU);
}

TEST(Checksum, ThePseudoHeaderHasAddressesLengthAndProtocol) {
  // c000 + 0201 + e000 + 0012 + length 12 + protocol 112
  EXPECT_EQ(pseudo_header(IpAddress::v4(192, 0, 2, 1), IpAddress::v4(224, 0, 0, 18), 12, 112),
            0x1a28fU);
  // fe80 + 0001 + ff02 + 0012 + length 40 + protocol 112
  EXPECT_EQ(pseudo_header(*IpAddress::parse("fe80::1"), *IpAddress::parse("ff02::12"), 40, 112),
            0x1fe2dU);
}

}  // namespace
}  // namespace haguard::vrrp
