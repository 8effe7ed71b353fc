// The node: which events lead to which actions, in which order. The course of elections is tested
// in tests/sim; here stands what a LAN does not show.
#include "supervisor/node.h"

#include <gtest/gtest.h>

namespace haguard::supervisor {
namespace {

using namespace std::chrono_literals;
using vrrp::IpAddress;

const Instant kStart{1h};
const IpAddress kOurs = IpAddress::v4(172, 28, 1, 2);
const IpAddress kPeer = IpAddress::v4(172, 28, 1, 3);
const IpAddress kGroup = IpAddress::v4(224, 0, 0, 18);

conf::Config config() {
  conf::Instance instance;
  instance.name = "edge";
  instance.interface = "etx2";
  instance.virtual_router_id = 51;
  instance.virtual_addresses = {{IpAddress::v4(172, 28, 1, 254), 32, "etx2", ""},
                                {IpAddress::v4(172, 28, 1, 253), 32, "etx2", ""}};
  instance.garp = {{0ms}, 0s};
  conf::Config config;
  config.node_name = "proxy-1";
  config.instances = {instance};
  config.haproxy.mode = conf::HaproxyMode::None;
  return config;
}

LinkChanged link(bool running = true, IpAddress primary = kOurs) {
  return {"etx2", true, running, {{2, 0, 0, 0, 0, 1}}, primary, {}};
}

class NodeTest : public testing::Test {
 public:
  NodeTest() : NodeTest(config()) {}
  explicit NodeTest(const conf::Config& chosen) : settings(chosen) {
    node.start(now, out);
    node.handle(link(), now, out);
    node.handle(AddressesFound{settings.instances[0].virtual_addresses[0].interface, {}}, now, out);
  }

  void handle(const Event& event) {
    out = {};
    node.handle(event, now, out);
  }
  void advance_to_deadline() {
    out = {};
    now = node.next_deadline();
    node.advance(now, out);
  }
  void become_active() {
    handle(link());
    advance_to_deadline();
    ASSERT_EQ(state(), vrrp::State::Active);
  }
  void packet(std::span<const std::uint8_t> message, IpAddress source = kPeer, int ttl = 255) {
    handle(PacketArrived{"etx2", source, kGroup, static_cast<std::uint8_t>(ttl), message});
  }
  [[nodiscard]] vrrp::State state() const { return node.routers()[0].state().state; }
  template <typename T>
  [[nodiscard]] std::vector<T> actions() const {
    return all<T>(out.actions);
  }
  template <typename T>
  [[nodiscard]] std::vector<T> notices() const {
    return all<T>(out.notices);
  }
  template <typename T, typename From>
  static std::vector<T> all(const From& from) {
    std::vector<T> found;
    for (const auto& item : from) {
      if (const T* value = std::get_if<T>(&item)) {
        found.push_back(*value);
      }
    }
    return found;
  }
  std::vector<std::uint8_t> advertisement(int priority, int virtual_router_id = 51,
                                          const IpAddress& source = kPeer) {
    vrrp::Advertisement a;
    a.virtual_router_id = static_cast<std::uint8_t>(virtual_router_id);
    a.priority = static_cast<std::uint8_t>(priority);
    a.interval = 1s;
    a.addresses = {IpAddress::v4(172, 28, 1, 254)};
    return vrrp::encode(a, {source, kGroup});
  }

  conf::Config settings;
  Instant now = kStart;
  Node node{settings, {}, kStart};
  Output out;
};

TEST_F(NodeTest, AtStartRemovesWhatAPredecessorLeftBehind) {
  EXPECT_EQ(actions<RemoveAddresses>().size(), 1U);
}

TEST_F(NodeTest, TakesOverInTheOrderAddressesAdvertisementAnnouncements) {
  become_active();
  ASSERT_EQ(out.actions.size(), 5U);
  EXPECT_TRUE(std::holds_alternative<AddAddresses>(out.actions[0]));
  EXPECT_EQ(std::get<SendPacket>(out.actions[1]).destination, kGroup);
  EXPECT_EQ(std::get<SendPacket>(out.actions[1]).source, kOurs);
  // one gratuitous ARP per address
  EXPECT_TRUE(std::holds_alternative<SendFrame>(out.actions[2]));
  EXPECT_TRUE(std::holds_alternative<SendFrame>(out.actions[3]));
  // Last: nobody waits for it. There is no lease, but `haguard release` has to find them.
  const auto& record = std::get<SaveRecord>(out.actions[4]);
  ASSERT_EQ(record.routers.size(), 1U);
  EXPECT_EQ(record.routers[0].addresses, settings.instances[0].virtual_addresses);
}

/// They are the machine's own, so nobody may remove them later.
TEST(OwnerTest, ItsAddressesAreOnNoRecord) {
  conf::Config settings = config();
  settings.instances[0].priority = 255;
  Node node(settings, {}, kStart);
  Output out;
  node.start(kStart, out);
  node.handle(link(), kStart, out);
  node.handle(AddressesFound{"etx2", {}}, kStart, out);
  ASSERT_EQ(node.routers()[0].state().state, vrrp::State::Active);
  for (const SaveRecord& record : NodeTest::all<SaveRecord>(out.actions)) {
    EXPECT_TRUE(record.routers.empty());
  }
}

TEST_F(NodeTest, AdvertisesTheAddressesOfTheFile) {
  become_active();
  const auto sent = actions<SendPacket>()[0];
  const auto decoded = vrrp::decode(sent.message, {sent.source, sent.destination});
  const auto& a = std::get<vrrp::Advertisement>(decoded);
  EXPECT_EQ(a.addresses, (std::vector<IpAddress>{IpAddress::v4(172, 28, 1, 254),
                                                 IpAddress::v4(172, 28, 1, 253)}));
  EXPECT_EQ(a.priority, 100);
  EXPECT_EQ(a.virtual_router_id, 51);
  EXPECT_EQ(a.interval, 1s);
}

TEST_F(NodeTest, WithoutALinkOrAnAddressOfItsOwnItTakesNoPart) {
  handle(LinkChanged{"etx2", false, false, {}, {}, {}});
  EXPECT_EQ(node.routers()[0].reason(), "fault: interface etx2 is missing");
  handle(link(false));
  EXPECT_EQ(node.routers()[0].reason(), "fault: interface etx2 is down");
  handle(link(true, IpAddress()));
  EXPECT_EQ(node.routers()[0].reason(), "fault: interface etx2 has no IPv4 address");
  handle(link());
  EXPECT_EQ(state(), vrrp::State::Backup);
}

TEST_F(NodeTest, ALostCarrierTakesTheAddressesOffWithoutAPacket) {
  become_active();
  handle(link(false));
  EXPECT_EQ(state(), vrrp::State::Initialize);
  EXPECT_EQ(actions<RemoveAddresses>().size(), 1U);
  EXPECT_TRUE(actions<SendPacket>().empty());
}

TEST_F(NodeTest, ALinkIsToldOnceForEachChange) {
  EXPECT_EQ(notices<LinkNoted>().size(), 1U);
  handle(link());
  EXPECT_TRUE(notices<LinkNoted>().empty());
  handle(link(false));
  EXPECT_EQ(notices<LinkNoted>().size(), 1U);
}

TEST_F(NodeTest, CountsEachRejectionAndLeavesEverythingElseAlone) {
  become_active();
  const Instant deadline = node.next_deadline();
  auto broken = advertisement(200);
  broken[6] ^= 1;
  const std::array<std::uint8_t, 1> one_byte{0x31};
  auto version_2 = advertisement(200);
  version_2[0] = 0x21;
  const auto rejected = [&] {
    EXPECT_TRUE(out.actions.empty());
    EXPECT_EQ(node.next_deadline(), deadline);
    return notices<PacketRejected>().at(0);
  };
  packet(broken);
  EXPECT_EQ(rejected().reject, vrrp::Reject::Checksum);
  EXPECT_EQ(rejected().router, 0U);
  packet(advertisement(200), kPeer, 254);
  EXPECT_EQ(rejected().reject, vrrp::Reject::Ttl);
  packet(advertisement(200), kOurs);
  EXPECT_EQ(rejected().reject, vrrp::Reject::OwnSource);
  packet(advertisement(200, 52));
  EXPECT_EQ(rejected().reject, vrrp::Reject::UnknownVrid);
  EXPECT_EQ(rejected().router, std::nullopt);
  packet(one_byte);
  EXPECT_EQ(rejected().reject, vrrp::Reject::Truncated);
  packet(version_2);
  EXPECT_EQ(rejected().reject, vrrp::Reject::Truncated);  // its authentication is missing
  EXPECT_EQ(state(), vrrp::State::Active);
}

TEST_F(NodeTest, ARejectionIsWorthALineOnceAMinute) {
  become_active();
  auto broken = advertisement(200);
  broken[6] ^= 1;
  packet(broken);
  EXPECT_TRUE(notices<PacketRejected>()[0].tell);
  packet(broken);
  EXPECT_FALSE(notices<PacketRejected>()[0].tell);
  now += 60s;
  packet(broken);
  EXPECT_TRUE(notices<PacketRejected>()[0].tell);
}

TEST_F(NodeTest, FollowsTheChecksumFormOfItsPeer) {
  handle(link());
  vrrp::Advertisement a;
  a.virtual_router_id = 51;
  a.priority = 1;
  a.interval = 1s;
  a.addresses = {IpAddress::v4(172, 28, 1, 254)};
  a.checksum_form = vrrp::ChecksumForm::None;
  packet(vrrp::encode(a, {kPeer, kGroup}));
  advance_to_deadline();
  const auto sent = actions<SendPacket>().at(0);
  const auto decoded = vrrp::decode(sent.message, {sent.source, sent.destination});
  EXPECT_EQ(std::get<vrrp::Advertisement>(decoded).checksum_form, vrrp::ChecksumForm::None);
}

TEST_F(NodeTest, AddressesThatTheKernelRefusesAreAFaultThatIsTriedAgain) {
  become_active();
  handle(AddressesApplied{0, "operation not permitted"});
  EXPECT_EQ(notices<AddressesRefused>().size(), 1U);
  EXPECT_EQ(state(), vrrp::State::Initialize);
  EXPECT_EQ(node.routers()[0].reason(), "fault: addresses: operation not permitted");
  advance_to_deadline();
  EXPECT_EQ(now, node.routers()[0].since());
  EXPECT_EQ(state(), vrrp::State::Backup);
}

TEST_F(NodeTest, StopsAfterTheLastAddressIsGone) {
  become_active();
  handle(StopRequested{});
  EXPECT_TRUE(actions<Exit>().empty());
  packet(advertisement(90));
  ASSERT_EQ(out.actions.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<RemoveAddresses>(out.actions[0]));
  EXPECT_TRUE(std::holds_alternative<Exit>(out.actions[1]));
  handle(StopRequested{});
  EXPECT_TRUE(actions<Exit>().empty());
}

TEST_F(NodeTest, ABackupStopsAtOnceAndSilently) {
  handle(link());
  handle(StopRequested{});
  EXPECT_EQ(actions<Exit>().size(), 1U);
  EXPECT_TRUE(actions<SendPacket>().empty());
}

TEST_F(NodeTest, RemembersAHandfulOfPeersAtMost) {
  handle(link());
  for (int i = 1; i <= 100; ++i) {
    now += 1ms;
    const IpAddress source = IpAddress::v4(172, 28, 2, static_cast<std::uint8_t>(i));
    packet(advertisement(200, 51, source), source);
  }
  EXPECT_EQ(node.routers()[0].peers().size(), 16U);
  EXPECT_TRUE(node.routers()[0].peers().contains(IpAddress::v4(172, 28, 2, 100)));
}

TEST_F(NodeTest, TheSnapshotTellsWhoIsActive) {
  handle(link());
  packet(advertisement(120));
  const auto wall = WallTime(1767225600000ms);  // 2026-01-01T00:00:00Z
  Status status = node.snapshot(now, wall);
  ASSERT_EQ(status.routers.size(), 1U);
  EXPECT_EQ(status.routers[0].active_router, kPeer);
  EXPECT_EQ(status.routers[0].active_priority, 120);
  EXPECT_EQ(status.routers[0].since, wall);
  EXPECT_EQ(status.peers.at(0).address, kPeer);
  advance_to_deadline();
  status = node.snapshot(now + 2s, wall);
  EXPECT_EQ(status.routers[0].active_router, kOurs);
  EXPECT_EQ(status.routers[0].since, wall - 2s);
  EXPECT_TRUE(status.routers[0].holds_addresses);
}

conf::Config virtual_config() {
  auto settings = config();
  settings.instances[0].use_virtual_mac = true;
  for (conf::VirtualAddress& address : settings.instances[0].virtual_addresses) {
    address.interface = "vrrp4.51";
  }
  return settings;
}

/// With one check that takes 5 off the priority of 100.
class WeightTest : public NodeTest {
 public:
  WeightTest() : NodeTest(with_check()) {
    for (unsigned i = 0; i < settings.checks[0].rise; ++i) {
      handle(ProbeFinished{0, true, ""});
    }
  }
  static conf::Config with_check() {
    auto chosen = config();
    conf::Check check;
    check.name = "web";
    check.weight = -5;
    chosen.checks = {check};
    return chosen;
  }
  /// What is said of the peer, whose advertisement is heard once, when we have become Active.
  std::vector<std::string> told_of_peer(int priority) {
    packet(advertisement(priority));
    std::vector<std::string> told;
    for (int i = 0; i < 100 && state() != vrrp::State::Active; ++i) {
      advance_to_deadline();
      if (!actions<StartProbe>().empty()) {
        handle(ProbeFinished{0, true, ""});
      }
    }
    EXPECT_EQ(state(), vrrp::State::Active);
    handle(link());  // the next event of any kind
    for (const auto& notice : notices<PeerDiffers>()) {
      told.push_back(notice.peer.to_string() + " " + notice.how);
    }
    return told;
  }
};

TEST_F(WeightTest, OneThatCannotMoveAnythingIsToldOnceByTheActiveNode) {
  const std::vector<std::string> doubt{
      "172.28.1.3 and check web: weight -5 leaves priority 95, it has 90: its failure moves "
      "nothing"};
  EXPECT_EQ(told_of_peer(90), doubt);
  handle(link());
  EXPECT_TRUE(notices<PeerDiffers>().empty());
}

TEST_F(WeightTest, OneThatFlipsTheRolesIsNotWorthALine) {
  EXPECT_EQ(told_of_peer(96), std::vector<std::string>{});
}

class VirtualMacTest : public NodeTest {
 public:
  VirtualMacTest() : NodeTest(virtual_config()) { handle(device()); }
  static LinkChanged device() { return {"vrrp4.51", true, true, {{0, 0, 0x5e, 0, 1, 51}}, {}, {}}; }
};

TEST_F(VirtualMacTest, AdvertisesInFramesOfItsOwnThroughTheInterface) {
  become_active();
  ASSERT_EQ(out.actions.size(), 5U);
  const auto advert = std::get<SendFrame>(out.actions[1]);
  EXPECT_EQ(advert.interface, "etx2");
  ASSERT_EQ(advert.frame.size(), 14U + 20 + 8 + 2 * 4);
  EXPECT_EQ(std::vector<std::uint8_t>(advert.frame.begin() + 6, advert.frame.begin() + 12),
            (std::vector<std::uint8_t>{0, 0, 0x5e, 0, 1, 51}));
  EXPECT_EQ(std::vector<std::uint8_t>(advert.frame.begin() + 26, advert.frame.begin() + 30),
            (std::vector<std::uint8_t>{172, 28, 1, 2}));
  EXPECT_EQ(std::get<SendFrame>(out.actions[2]).interface, "vrrp4.51");
  // The resignation, too.
  handle(link(true, kOurs));
  handle(StopRequested{});
  EXPECT_TRUE(actions<SendPacket>().empty());
  EXPECT_FALSE(actions<SendFrame>().empty());
}

TEST_F(VirtualMacTest, ADeviceThatCannotBeHadIsAFault) {
  handle(DeviceChecked{0, "interface vrrp4.51 exists and is not ours"});
  EXPECT_EQ(state(), vrrp::State::Initialize);
  EXPECT_EQ(node.routers()[0].reason(), "fault: interface vrrp4.51 exists and is not ours");
  handle(DeviceChecked{0, ""});
  EXPECT_EQ(state(), vrrp::State::Backup);
}

TEST_F(VirtualMacTest, TheDeviceComesAndGoesWithoutAWord) {
  auto down = device();
  down.running = false;
  handle(down);
  EXPECT_TRUE(notices<LinkNoted>().empty());
  EXPECT_EQ(state(), vrrp::State::Backup);
  EXPECT_EQ(node.snapshot(now, {}).routers[0].virtual_mac->to_string(), "00:00:5e:00:01:33");
}

TEST_F(VirtualMacTest, AnAnnouncementDoesNotNeedTheNewsOfTheDevice) {
  become_active();
  handle(LinkChanged{"vrrp4.51", false, false, {}, {}, {}});
  handle(AddressesFound{"vrrp4.51", {{IpAddress::v4(172, 28, 1, 254)}}});
  handle(AddressesFound{"vrrp4.51", {}});
  ASSERT_EQ(actions<AddAddresses>().size(), 1U);
  ASSERT_FALSE(actions<SendFrame>().empty());
  const auto arp = actions<SendFrame>().back();
  EXPECT_EQ(arp.interface, "vrrp4.51");
  EXPECT_EQ(arp.frame.begin()[11], 51);
}

}  // namespace
}  // namespace haguard::supervisor
