#include <chrono>
#include <memory>
#include <vector>

#include <gtest/gtest.h>
#include <linux/if_ether.h>

#include "health/on_link.h"
#include "health/running_probe.h"
#include "tests/vrrp/frame_tap.h"
#include "tests/vrrp/network.h"
#include "vrrp/neighbor.h"

namespace haguard::health {
namespace {

using namespace std::chrono_literals;
using vrrp::ip;
using vrrp::IpAddress;

class GatewayProbeTest : public vrrp::NetworkTest {
 protected:
  void start(const std::string& gateway) {
    conf::Check check;
    check.type = conf::CheckType::Gateway;
    check.gateway = *IpAddress::parse(gateway);
    outcomes_.clear();
    probe_ = start_gateway_probe(
        io_, check, [this](Outcome outcome) { outcomes_.push_back(std::move(outcome)); });
    EXPECT_TRUE(outcomes_.empty()) << "never from within the start";
  }

  Outcome ask(const std::string& gateway) {
    start(gateway);
    EXPECT_TRUE(run_until([this] { return !outcomes_.empty(); })) << gateway;
    return outcomes_.empty() ? Outcome{} : outcomes_.front();
  }

  static OnLink link_to(const std::string& target) {
    const auto found = find_link(*IpAddress::parse(target));
    const auto* link = std::get_if<OnLink>(&found);
    EXPECT_NE(link, nullptr) << std::get<std::string>(found);
    return link == nullptr ? OnLink{} : *link;
  }

  void use_ipv6() {
    ip("addr add fd00:9::1/64 dev v0 nodad");
    at_peer([] { ip("addr add fd00:9::2/64 dev v1 nodad"); });
    // The link-local addresses are usable when they are known to be unique.
    ASSERT_TRUE(run_until([] {
      return ip("-6 -o addr show dev v0 tentative").empty() &&
             ip("-6 -o addr show dev v0 scope link").find("fe80") != std::string::npos;
    }));
  }

  std::vector<Outcome> outcomes_;
  std::unique_ptr<RunningProbe> probe_;
};

TEST_F(GatewayProbeTest, PassesWhenTheGatewayAnswersArp) {
  const Outcome result = ask("10.9.0.2");
  EXPECT_TRUE(result.passed) << result.detail;
  EXPECT_EQ(result.detail, "");
}

TEST_F(GatewayProbeTest, PassesWhenTheGatewayAnswersANeighborSolicitation) {
  use_ipv6();
  const Outcome result = ask("fd00:9::2");
  EXPECT_TRUE(result.passed) << result.detail;
}

TEST_F(GatewayProbeTest, ALinkLocalGatewayIsAsked) {
  use_ipv6();
  at_peer([] { ip("addr add fe80::99/64 dev v1 nodad"); });
  EXPECT_TRUE(ask("fe80::99").passed);
}

TEST_F(GatewayProbeTest, SaysNothingWhileNobodyAnswers) {
  start("10.9.0.77");
  run_for(100ms);
  EXPECT_TRUE(outcomes_.empty());
  probe_.reset();
  run_for(20ms);
  EXPECT_TRUE(outcomes_.empty());
}

TEST_F(GatewayProbeTest, OthersThatAnswerAreNotTheGateway) {
  start("10.9.0.77");
  at_peer([] {
    const auto frame = vrrp::gratuitous_arp(vrrp::MacAddress{{2, 0, 0, 0, 0, 0x66}},
                                            IpAddress::v4(10, 9, 0, 78), vrrp::ArpOperation::Reply);
    vrrp::FrameTap(ETH_P_ALL, "v1").send({frame.begin(), frame.end()});
  });
  run_for(100ms);
  EXPECT_TRUE(outcomes_.empty());
}

TEST_F(GatewayProbeTest, AGatewayElsewhereFails) {
  EXPECT_EQ(ask("10.10.0.1").detail, "10.10.0.1 is not on a network of this machine");
  EXPECT_EQ(ask("10.9.0.1").detail, "10.9.0.1 is an address of this machine");
  EXPECT_EQ(ask("127.0.0.2").detail, "127.0.0.2 is not on a network of this machine");
}

TEST_F(GatewayProbeTest, ALinkThatIsDownFails) {
  ip("link set v0 down");
  const Outcome result = ask("10.9.0.2");
  EXPECT_FALSE(result.passed);
  EXPECT_EQ(result.detail, "10.9.0.2 is not on a network of this machine");
}

TEST_F(GatewayProbeTest, AnAmbiguousLinkLocalGatewayFails) {
  use_ipv6();
  ip("link add w0 type veth peer name w1");
  ip("addr add fe80::5/64 dev w0 nodad");
  ip("link set w0 up");
  EXPECT_EQ(ask("fe80::99").detail, "fe80::99 may be on more than one network of this machine");
}

TEST_F(GatewayProbeTest, MayBeDestroyedBeforeItFails) {
  start("10.10.0.1");
  probe_.reset();
  run_for(20ms);
  EXPECT_TRUE(outcomes_.empty());
}

TEST_F(GatewayProbeTest, AVirtualAddressIsNeverTheSource) {
  ip("addr add 10.9.0.254/32 dev v0");
  ip("addr add 10.9.0.253/24 dev v0");
  EXPECT_EQ(link_to("10.9.0.2").source.to_string(), "10.9.0.1");
  use_ipv6();
  ip("addr add fe80::253/64 dev v0 nodad");
  ip("addr add fe80::254/128 dev v0 nodad");
  const auto source = link_to("fd00:9::2").source;
  EXPECT_TRUE(source.is_link_local());
  EXPECT_NE(source.to_string(), "fe80::253");
  EXPECT_NE(source.to_string(), "fe80::254");
}

TEST_F(GatewayProbeTest, TheSmallestNetworkDecides) {
  ip("link add w0 type veth peer name w1");
  ip("link set w0 up");
  ip("addr add 10.9.0.129/25 dev w0");
  EXPECT_EQ(link_to("10.9.0.2").interface, "v0");
  EXPECT_EQ(link_to("10.9.0.200").interface, "w0");
}

}  // namespace
}  // namespace haguard::health
