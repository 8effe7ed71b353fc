#include "vrrp/acceptance.h"

#include <gtest/gtest.h>

namespace haguard::vrrp {
namespace {

using namespace std::chrono_literals;
using conf::Version;

IpAddress ip(const char* text) {
  return *IpAddress::parse(text);
}

conf::Instance instance(Version version) {
  conf::Instance i;
  i.version = version;
  i.virtual_router_id = 51;
  return i;
}

Advertisement advertisement(Version version) {
  Advertisement a;
  a.version = version;
  a.virtual_router_id = 51;
  a.priority = 100;
  a.interval = 1s;
  return a;
}

Arrival arrival(const char* source, const char* destination, int ttl) {
  return {{ip(source), ip(destination)}, static_cast<std::uint8_t>(ttl)};
}

TEST(Acceptance, MulticastNeedsTtl255) {
  const auto multicast = instance(Version::V3);
  EXPECT_EQ(reject_arrival(multicast, arrival("192.0.2.1", "224.0.0.18", 255)), std::nullopt);
  EXPECT_EQ(reject_arrival(multicast, arrival("192.0.2.1", "224.0.0.18", 254)), Reject::Ttl);
  EXPECT_EQ(reject_arrival(multicast, arrival("192.0.2.1", "192.0.2.9", 255)), Reject::Source);
  EXPECT_EQ(reject_arrival(multicast, arrival("192.0.2.1", "224.0.0.5", 255)), Reject::Source);
}

TEST(Acceptance, UnicastNeedsAConfiguredPeerAndItsTtl) {
  auto unicast = instance(Version::V3);
  unicast.unicast = conf::Unicast{ip("192.0.2.9"), {ip("192.0.2.1"), ip("192.0.2.2")}, 255};
  EXPECT_EQ(reject_arrival(unicast, arrival("192.0.2.2", "192.0.2.9", 255)), std::nullopt);
  EXPECT_EQ(reject_arrival(unicast, arrival("192.0.2.2", "192.0.2.9", 64)), Reject::Ttl);
  EXPECT_EQ(reject_arrival(unicast, arrival("192.0.2.3", "192.0.2.9", 255)), Reject::Source);
  EXPECT_EQ(reject_arrival(unicast, arrival("192.0.2.1", "224.0.0.18", 255)), Reject::Source);
  unicast.unicast->min_ttl = 60;
  EXPECT_EQ(reject_arrival(unicast, arrival("192.0.2.2", "192.0.2.9", 60)), std::nullopt);
  EXPECT_EQ(reject_arrival(unicast, arrival("192.0.2.2", "192.0.2.9", 59)), Reject::Ttl);
}

TEST(Acceptance, TheVersionMustBeOurs) {
  EXPECT_EQ(reject_content(instance(Version::V3), advertisement(Version::V2)), Reject::Version);
  EXPECT_EQ(reject_content(instance(Version::V2), advertisement(Version::V3)), Reject::Version);
}

TEST(Acceptance, Version3AcceptsAnyIntervalButZero) {
  auto a = advertisement(Version::V3);
  a.interval = 10ms;
  EXPECT_EQ(reject_content(instance(Version::V3), a), std::nullopt);
  a.interval = 0s;
  EXPECT_EQ(reject_content(instance(Version::V3), a), Reject::IntervalZero);
}

TEST(Acceptance, Version2NeedsOurInterval) {
  auto a = advertisement(Version::V2);
  EXPECT_EQ(reject_content(instance(Version::V2), a), std::nullopt);
  a.interval = 2s;
  EXPECT_EQ(reject_content(instance(Version::V2), a), Reject::IntervalMismatch);
}

TEST(Acceptance, Version2NeedsOurPassword) {
  auto guarded = instance(Version::V2);
  guarded.password = "secret";
  auto a = advertisement(Version::V2);
  EXPECT_EQ(reject_content(guarded, a), Reject::AuthType);
  a.auth_type = AuthType::Password;
  a.auth_data = {'s', 'e', 'c', 'r', 'e', 't', 0, 0};
  EXPECT_EQ(reject_content(guarded, a), std::nullopt);
  EXPECT_EQ(reject_content(instance(Version::V2), a), Reject::AuthType);
  for (std::size_t i = 0; i < a.auth_data.size(); ++i) {
    auto wrong = a;
    wrong.auth_data[i] ^= 1;
    EXPECT_EQ(reject_content(guarded, wrong), Reject::AuthPassword) << i;
  }
}

}  // namespace
}  // namespace haguard::vrrp
