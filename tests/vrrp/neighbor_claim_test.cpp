#include "vrrp/neighbor_claim.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace haguard::vrrp {
namespace {

using Bytes = std::vector<std::uint8_t>;

const MacAddress kSender{{2, 0, 0, 0, 0, 7}};
const MacAddress kElsewhere{{2, 0, 0, 0, 0, 8}};
const IpAddress kTarget = *IpAddress::parse("2001:db8::10");

/// RFC 826: 02:00:00:00:00:08 has 192.0.2.10; the frame is from 02:00:00:00:00:07.
Bytes arp(std::uint8_t operation) {
  return {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,   0,         0, 0,  0, 7, 0x08, 0x06,  //
          0x00, 0x01, 0x08, 0x00, 6,    4,    0,   operation,                           //
          2,    0,    0,    0,    0,    8,    192, 0,         2, 10,                    //
          0,    0,    0,    0,    0,    0,    192, 0,         2, 99};
}

/// Written anew, byte by byte as RFC 1071 1 says, over the IPv6 packet behind the Ethernet header.
void fill_in_checksum(Bytes& frame) {
  frame[56] = 0;
  frame[57] = 0;
  unsigned sum = 58U + static_cast<unsigned>(frame.size() - 54);
  for (std::size_t i = 22; i < frame.size(); ++i) {
    sum += i % 2 == 0 ? frame[i] * 256U : frame[i];
  }
  sum = ~(sum % 0xffff);
  frame[56] = static_cast<std::uint8_t>(sum >> 8U & 0xffU);
  frame[57] = static_cast<std::uint8_t>(sum & 0xffU);
}

/// RFC 4861 4.4: from 2001:db8::10 at 02:00:00:00:00:07 to all nodes, with Override.
Bytes advertisement(const Bytes& options) {
  Bytes frame{0x33, 0x33, 0,    0,    0,    1, 2,  0,   0, 0, 0, 7, 0x86, 0xdd,           //
              0x60, 0,    0,    0,    0,    0, 58, 255,                                   //
              0x20, 0x01, 0x0d, 0xb8, 0,    0, 0,  0,   0, 0, 0, 0, 0,    0,    0, 0x10,  //
              0xff, 0x02, 0,    0,    0,    0, 0,  0,   0, 0, 0, 0, 0,    0,    0, 1,     //
              136,  0,    0,    0,    0x20, 0, 0,  0,                                     //
              0x20, 0x01, 0x0d, 0xb8, 0,    0, 0,  0,   0, 0, 0, 0, 0,    0,    0, 0x10};
  frame.insert(frame.end(), options.begin(), options.end());
  frame[19] = static_cast<std::uint8_t>(frame.size() - 54);
  fill_in_checksum(frame);
  return frame;
}

const Bytes kTargetOption{2, 1, 2, 0, 0, 0, 0, 8};

/// An advertisement of which one byte is another, with a checksum that fits.
Bytes altered(std::size_t position, std::uint8_t value) {
  auto frame = advertisement(kTargetOption);
  frame[position] = value;
  fill_in_checksum(frame);
  return frame;
}

TEST(NeighborClaim, ArpClaimsItsSenderAddress) {
  const NeighborClaim expected{IpAddress::v4(192, 0, 2, 10), kElsewhere};
  EXPECT_EQ(parse_neighbor_claim(arp(1)), expected);
  EXPECT_EQ(parse_neighbor_claim(arp(2)), expected);
}

TEST(NeighborClaim, AnArpProbeClaimsNothing) {
  // RFC 5227 1.1: the sender address of a probe is zero
  auto probe = arp(1);
  std::fill_n(probe.begin() + 28, 4, std::uint8_t{0});
  EXPECT_FALSE(parse_neighbor_claim(probe));
}

TEST(NeighborClaim, OtherArpIsPassedOver) {
  EXPECT_FALSE(parse_neighbor_claim(arp(3))) << "RARP";
  // Hardware type, protocol type, the two lengths
  for (const std::size_t position : {14U, 15U, 16U, 17U, 18U, 19U}) {
    auto frame = arp(1);
    ++frame[position];
    EXPECT_FALSE(parse_neighbor_claim(frame)) << position;
  }
}

TEST(NeighborClaim, AnAdvertisementClaimsItsTarget) {
  EXPECT_EQ(parse_neighbor_claim(advertisement(kTargetOption)),
            (NeighborClaim{kTarget, kElsewhere}));
  EXPECT_EQ(parse_neighbor_claim(advertisement({})), (NeighborClaim{kTarget, kSender}))
      << "without the option it is the sender's";
}

TEST(NeighborClaim, OtherOptionsAreSkipped) {
  Bytes options{1, 1, 2, 0, 0, 0, 0, 9, 14, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  options.insert(options.end(), kTargetOption.begin(), kTargetOption.end());
  EXPECT_EQ(parse_neighbor_claim(advertisement(options)), (NeighborClaim{kTarget, kElsewhere}));
}

TEST(NeighborClaim, PaddingIsIgnored) {
  auto frame = arp(1);
  frame.resize(60, 0xee);
  EXPECT_TRUE(parse_neighbor_claim(frame));
  frame = advertisement(kTargetOption);
  frame.resize(frame.size() + 7, 0xee);
  EXPECT_TRUE(parse_neighbor_claim(frame));
}

TEST(NeighborClaim, InvalidAdvertisementsAreRefused) {
  // RFC 4861 7.1.2, one condition after the other
  EXPECT_FALSE(parse_neighbor_claim(altered(21, 254))) << "hop limit";
  EXPECT_FALSE(parse_neighbor_claim(altered(55, 1))) << "code";
  EXPECT_FALSE(parse_neighbor_claim(altered(62, 0xff))) << "multicast target";
  EXPECT_FALSE(parse_neighbor_claim(altered(58, 0x60))) << "solicited, to a group";
  EXPECT_FALSE(parse_neighbor_claim(advertisement({2, 0, 2, 0, 0, 0, 0, 8}))) << "no length";
  EXPECT_FALSE(parse_neighbor_claim(advertisement({14, 2, 0, 0, 0, 0, 0, 0}))) << "too long";
  EXPECT_FALSE(parse_neighbor_claim(advertisement({14}))) << "half an option";
  auto frame = advertisement(kTargetOption);
  ++frame[57];
  EXPECT_FALSE(parse_neighbor_claim(frame)) << "checksum";
}

TEST(NeighborClaim, ALinkLayerAddressOfAnotherKindIsRefused) {
  Bytes option(16, 0);
  option[0] = 2;
  option[1] = 2;
  EXPECT_FALSE(parse_neighbor_claim(advertisement(option)));
}

TEST(NeighborClaim, ASolicitedAdvertisementToUsCounts) {
  auto frame = altered(58, 0x60);
  const auto to_us = IpAddress::parse("2001:db8::1");
  std::ranges::copy(to_us->bytes(), frame.begin() + 38);
  fill_in_checksum(frame);
  EXPECT_TRUE(parse_neighbor_claim(frame));
}

TEST(NeighborClaim, OtherPacketsClaimNothing) {
  EXPECT_FALSE(parse_neighbor_claim(altered(54, 135))) << "a solicitation";
  EXPECT_FALSE(parse_neighbor_claim(altered(20, 0))) << "extension headers";
  EXPECT_FALSE(parse_neighbor_claim(altered(14, 0x40))) << "not version 6";
  auto ipv4 = arp(1);
  ipv4[13] = 0x00;
  EXPECT_FALSE(parse_neighbor_claim(ipv4));
}

TEST(NeighborClaim, WhatIsCutOffClaimsNothing) {
  for (const auto& whole : {arp(1), advertisement(kTargetOption)}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_FALSE(parse_neighbor_claim(part)) << size;
    }
  }
}

TEST(NeighborClaim, APayloadTooShortForAnAdvertisementClaimsNothing) {
  auto frame = advertisement({});
  frame.resize(54 + 20);
  frame[19] = 20;
  fill_in_checksum(frame);
  EXPECT_FALSE(parse_neighbor_claim(frame));
}

}  // namespace
}  // namespace haguard::vrrp
