#include "vrrp/kernel.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>
#include <unistd.h>

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
// after net/if.h
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "tests/vrrp/kernel_fixture.h"

namespace haguard::vrrp {
namespace {

LinkStatus absent(const std::string& interface) {
  LinkStatus status;
  status.interface = interface;
  return status;
}

class LinkTest : public KernelTest {
 protected:
  void SetUp() override {
    KernelTest::SetUp();
    if (!HasFatalFailure()) {
      start();
    }
  }
};

TEST_F(LinkTest, StartTellsEveryWatchedInterfaceAlsoTheMissing) {
  ASSERT_EQ(history_.size(), 2U);
  const auto& v0 = links_["v0"];
  EXPECT_TRUE(v0.present);
  EXPECT_TRUE(v0.running);
  EXPECT_EQ(v0.index, interface_index("v0"));
  EXPECT_NE(ip("-o link show dev v0").find(v0.mac.to_string()), std::string::npos);
  EXPECT_EQ(v0.primary, IpAddress::v4(10, 9, 0, 1));
  EXPECT_EQ(links_["v9"], absent("v9"));
}

TEST_F(LinkTest, AdministrativelyDownAndUp) {
  ip("link set v0 down");
  EXPECT_TRUE(becomes([](const auto& v0) { return v0.present && !v0.running; }));
  EXPECT_EQ(links_["v0"].primary, IpAddress::v4(10, 9, 0, 1));
  ip("link set v0 up");
  EXPECT_TRUE(becomes([](const auto& v0) { return v0.running; }));
}

TEST_F(LinkTest, CarrierLostAndBack) {
  ifreq request{};
  std::strcpy(request.ifr_name, "v1");
  int control = -1;
  Clock::time_point start;
  at_peer([&] {
    control = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(::ioctl(control, SIOCGIFFLAGS, &request), 0);
    request.ifr_flags = static_cast<short>(request.ifr_flags & ~IFF_UP);
    start = Clock::now();
    ASSERT_EQ(::ioctl(control, SIOCSIFFLAGS, &request), 0);
  });
  ::close(control);
  ASSERT_TRUE(becomes([](const auto& v0) { return v0.present && !v0.running; }));
  std::cout << "carrier loss told after " << milliseconds_since(start) << " ms\n";
  at_peer([] { ip("link set v1 up"); });
  EXPECT_TRUE(becomes([](const auto& v0) { return v0.running; }));
}

TEST_F(LinkTest, OnlyChangesAreTold) {
  const auto told = history_.size();
  ip("link set v0 mtu 1400");
  ip("link set v0 alias uplink");
  ip("link add other type bridge");
  ip("addr add 10.9.9.9/24 dev other");
  ip("link set v0 down");
  EXPECT_TRUE(becomes([](const auto& v0) { return !v0.running; }));
  EXPECT_EQ(history_.size(), told + 1);
}

TEST_F(LinkTest, DeletedAndMadeAgain) {
  const int old_index = links_["v0"].index;
  ip("link del v0");
  ASSERT_TRUE(becomes([](const auto& v0) { return !v0.present; }));
  EXPECT_EQ(links_["v0"], absent("v0"));
  ip("link add v0 type bridge");
  ASSERT_TRUE(becomes([](const auto& v0) { return v0.present; }));
  EXPECT_NE(links_["v0"].index, old_index);
  EXPECT_EQ(links_["v0"].index, interface_index("v0"));
  EXPECT_TRUE(links_["v0"].primary.is_unspecified());
}

TEST_F(LinkTest, FollowsTheNameWhenLinksAreRenamed) {
  const int index = links_["v0"].index;
  ip("link set v0 down");
  ip("link set v0 name v9");
  ASSERT_TRUE(run_until([this] { return !links_["v0"].present && links_["v9"].present; }));
  EXPECT_EQ(links_["v9"].index, index);
  EXPECT_EQ(links_["v9"].primary, IpAddress::v4(10, 9, 0, 1));
}

TEST_F(LinkTest, RenamedAwayAndBack) {
  const auto before = links_["v0"];
  ip("link set v0 down");
  ip("link set v0 name elsewhere");
  ASSERT_TRUE(becomes([](const auto& v0) { return !v0.present; }));
  EXPECT_EQ(links_["v0"], absent("v0"));
  ip("link set elsewhere name v0");
  ip("link set v0 up");
  EXPECT_TRUE(becomes([&before](const auto& v0) { return v0 == before; }));
}

TEST_F(LinkTest, LeavingABridgeIsNotTheEndOfTheInterface) {
  ip("link add br0 type bridge");
  ip("link set v0 master br0");
  ip("link set v0 nomaster");
  ip("link set v0 down");
  ASSERT_TRUE(becomes([](const auto& v0) { return !v0.running; }));
  EXPECT_TRUE(std::ranges::all_of(
      history_, [](const auto& told) { return told.interface != "v0" || told.present; }));
}

TEST_F(LinkTest, AVirtualAddressIsNeverThePrimary) {
  ip("addr add 172.28.1.254/32 dev v0");
  ip("addr del 10.9.0.1/24 dev v0");
  ASSERT_TRUE(becomes([](const auto& v0) { return v0.primary.is_unspecified(); }));
  ip("addr add 10.9.0.7/24 dev v0");
  ASSERT_TRUE(becomes([](const auto& v0) { return v0.primary == IpAddress::v4(10, 9, 0, 7); }));
}

TEST_F(LinkTest, ThePrimaryIsTheFirstAndNotASecondary) {
  ip("addr add 10.9.0.3/24 dev v0");  // secondary in the same subnet
  ip("addr add 10.8.0.1/24 dev v0");
  ip("link set v0 down");
  ASSERT_TRUE(becomes([](const auto& v0) { return !v0.running; }));
  EXPECT_EQ(links_["v0"].primary, IpAddress::v4(10, 9, 0, 1));
  // Deleting the first takes its secondary along, unless that is promoted.
  ip("addr del 10.9.0.1/24 dev v0");
  const auto left = ip("-4 -o addr show dev v0");
  const bool promoted = left.find("10.9.0.3") != std::string::npos;
  const auto expected = promoted && left.find("10.9.0.3") < left.find("10.8.0.1")
                            ? IpAddress::v4(10, 9, 0, 3)
                            : IpAddress::v4(10, 8, 0, 1);
  EXPECT_TRUE(becomes([&expected](const auto& v0) { return v0.primary == expected; }));
}

TEST_F(LinkTest, ALinkLocalAddressIsSecondChoice) {
  ip("addr flush dev v0");
  ip("addr add 169.254.7.7/16 scope link dev v0");
  ASSERT_TRUE(becomes([](const auto& v0) { return v0.primary == IpAddress::v4(169, 254, 7, 7); }));
  ip("addr add 10.9.0.4/24 dev v0");
  EXPECT_TRUE(becomes([](const auto& v0) { return v0.primary == IpAddress::v4(10, 9, 0, 4); }));
}

TEST_F(LinkTest, ReadsAllAnewWhenNotificationsWereLost) {
  // Far more than the queue holds, while nobody reads.
  const std::string script = testing::TempDir() + fmt::format("haguard-{}.ip", ::getpid());
  {
    std::ofstream lines(script);
    for (int i = 0; i < 10000; ++i) {
      lines << "link set v0 mtu " << 1400 + i % 2 << '\n';
    }
    lines << "addr del 10.9.0.1/24 dev v0\nlink set v0 down\nlink add v9 type bridge\n";
  }
  ip("-batch " + script);
  ::unlink(script.c_str());
  ASSERT_TRUE(run_until([this] { return !links_["v0"].running && links_["v9"].present; }));
  EXPECT_TRUE(links_["v0"].primary.is_unspecified());
  ASSERT_EQ(warnings_.size(), 1U);
  EXPECT_NE(warnings_[0].find("dropped notifications"), std::string::npos);
  // And notifications are followed again.
  ip("link set v0 up");
  EXPECT_TRUE(becomes([](const auto& v0) { return v0.running; }));
}

/// Port of the netlink socket in this namespace that listens to links and to addresses of both
/// families: bits 0, 4 and 8 of the groups (linux/rtnetlink.h).
std::optional<std::uint32_t> event_port() {
  std::ifstream table("/proc/thread-self/net/netlink");
  std::string line;
  while (std::getline(table, line)) {
    std::istringstream words(line);
    std::string socket;
    int protocol = -1;
    std::uint32_t port = 0;
    std::string groups;
    words >> socket >> protocol >> port >> groups;
    if (protocol == NETLINK_ROUTE && groups == "00000111") {
      return port;
    }
  }
  return std::nullopt;
}

TEST_F(LinkTest, MessagesOfOtherProcessesAreIgnored) {
  struct {
    nlmsghdr header;
    ifinfomsg link;
    rtattr name_header;
    std::array<char, 4> name;
  } forged{};
  forged.header = {sizeof(forged), RTM_DELLINK, 0, 0, 0};
  forged.link.ifi_index = links_["v0"].index;
  forged.name_header = {sizeof(rtattr) + 3, IFLA_IFNAME};
  forged.name = {'v', '0', '\0', '\0'};
  const auto port = event_port();
  ASSERT_TRUE(port);
  sockaddr_nl to{};
  to.nl_family = AF_NETLINK;
  to.nl_pid = *port;
  const int forger = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  ASSERT_EQ(
      ::sendto(forger, &forged, sizeof(forged), 0, reinterpret_cast<sockaddr*>(&to), sizeof(to)),
      static_cast<ssize_t>(sizeof(forged)))
      << std::strerror(errno);
  ::close(forger);
  ip("link set v0 down");
  ASSERT_TRUE(becomes([](const auto& v0) { return !v0.running; }));
  EXPECT_TRUE(std::ranges::all_of(
      history_, [](const auto& told) { return told.interface != "v0" || told.present; }));
}

TEST_F(LinkTest, AThousandOwnAddressesAreQuietlyPassedOver) {
  ASSERT_EQ(add(many(1000)), "");
  ASSERT_EQ(remove(many(1000)), "");
  ip("link set v0 down");
  ASSERT_TRUE(becomes([](const auto& v0) { return !v0.running; }));
  EXPECT_TRUE(warnings_.empty());
}

}  // namespace
}  // namespace haguard::vrrp
