// What is told of a peer that is configured in another way, and how often.
#include "supervisor/differences.h"

#include <gtest/gtest.h>

namespace haguard::supervisor {
namespace {

using namespace std::chrono_literals;
using vrrp::IpAddress;

const IpAddress kPeer = IpAddress::v4(172, 28, 1, 3);
const std::vector kOurs{IpAddress::v4(172, 28, 1, 254)};

class DifferencesTest : public testing::Test {
 public:
  DifferencesTest() {
    instance.interface = "etx2";
    instance.virtual_router_id = 51;
    same.version = conf::Version::V3;
    same.priority = 100;
    same.interval = 1s;
    same.addresses = kOurs;
  }
  std::vector<std::string> news(const vrrp::Advertisement& advertisement,
                                const IpAddress& peer = kPeer) {
    std::vector<std::string> words;
    for (const auto& finding : differences.news(instance, kOurs, advertisement, peer, taken)) {
      words.push_back(finding.how);
    }
    return words;
  }

  conf::Instance instance;
  vrrp::Advertisement same;
  VridSet taken;
  Differences differences;
};

using Words = std::vector<std::string>;

TEST_F(DifferencesTest, OfAPeerThatIsConfiguredAsWeAreThereIsNoNews) {
  EXPECT_EQ(news(same), Words{});
}

TEST_F(DifferencesTest, AnotherVersionIsNamed) {
  auto other = same;
  other.version = conf::Version::V2;
  EXPECT_EQ(news(other),
            Words{"runs version 2 with our virtual router id 51, we run version 3: its "
                  "advertisements are rejected"});
}

TEST_F(DifferencesTest, AnotherIntervalIsNamed) {
  auto other = same;
  other.interval = 100ms;
  EXPECT_EQ(news(other), Words{"advertises every 100ms, we every 1s: as Backup we follow it"});
  instance.version = conf::Version::V2;
  other.version = conf::Version::V2;
  other.interval = 2s;
  EXPECT_EQ(news(other, IpAddress::v4(172, 28, 1, 4)),
            Words{"advertises every 2s, we every 1s: version 2 rejects that"});
}

TEST_F(DifferencesTest, TheOneCentisecondOfAHandOverIsNoDifference) {
  auto leaving = same;
  leaving.interval = 10ms;
  EXPECT_EQ(news(leaving), Words{});
}

TEST_F(DifferencesTest, OtherAddressesAreNamed) {
  auto other = same;
  other.addresses = {IpAddress::v4(172, 28, 1, 254), IpAddress::v4(172, 28, 1, 253)};
  EXPECT_EQ(news(other), Words{"advertises 172.28.1.254, 172.28.1.253, we advertise 172.28.1.254"});
}

TEST_F(DifferencesTest, AnotherGroupIsSuspectedAndAFreeIdSuggested) {
  taken.set(51).set(52).set(53);
  auto other = same;
  other.addresses = {IpAddress::v4(10, 9, 9, 9)};
  EXPECT_EQ(news(other), Words{"advertises 10.9.9.9 with our virtual router id 51: another group? "
                               "54 is a free one on etx2"});
}

TEST_F(DifferencesTest, APasswordOnOneSideIsNamed) {
  instance.version = conf::Version::V2;
  auto other = same;
  other.version = conf::Version::V2;
  other.auth_type = vrrp::AuthType::Password;
  EXPECT_EQ(news(other), Words{"sends a password, we do not: its advertisements are rejected"});
}

TEST_F(DifferencesTest, TwoOwnersAreNamed) {
  instance.priority = 255;
  auto other = same;
  other.priority = 255;
  EXPECT_EQ(news(other), Words{"has priority 255 as we have: only one can own the addresses"});
}

TEST_F(DifferencesTest, EachIsToldOncePerPeerAndAgainAfterItWasInOrder) {
  auto other = same;
  other.interval = 2s;
  EXPECT_EQ(news(other).size(), 1U);
  EXPECT_EQ(news(other), Words{});
  EXPECT_EQ(news(other, IpAddress::v4(172, 28, 1, 9)).size(), 1U);
  EXPECT_EQ(news(same), Words{});
  EXPECT_EQ(news(other).size(), 1U);
}

TEST_F(DifferencesTest, AResignationNeitherTellsNorForgets) {
  auto other = same;
  other.interval = 2s;
  EXPECT_EQ(news(other).size(), 1U);
  auto resigned = same;
  resigned.priority = 0;
  resigned.addresses.clear();
  EXPECT_EQ(news(resigned), Words{});
  EXPECT_EQ(news(other), Words{});
}

TEST_F(DifferencesTest, InventedPeersDoNotFillTheMemory) {
  auto other = same;
  other.interval = 2s;
  std::size_t told = 0;
  for (int i = 0; i < 1000; ++i) {
    told += news(other, IpAddress::v4(10, 0, static_cast<std::uint8_t>(i / 250),
                                      static_cast<std::uint8_t>(i % 250 + 1)))
                .size();
  }
  EXPECT_EQ(told, 64U);
}

}  // namespace
}  // namespace haguard::supervisor
