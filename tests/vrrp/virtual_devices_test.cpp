// The devices of virtual MAC addresses on v0, in a network namespace of their own.
#include "vrrp/virtual_devices.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/vrrp/kernel_fixture.h"

namespace haguard::vrrp {
namespace {

namespace fs = std::filesystem;

const VirtualDevice kDevice{Family::Ipv4, 51, "v0"};
const VirtualDevice kDevice6{Family::Ipv6, 51, "v0"};

std::string setting(const std::string& name) {
  std::ifstream file("/proc/sys/net/" + name);
  std::string value;
  file >> value;
  return value;
}

void set(const std::string& name, int value) {
  std::ofstream("/proc/sys/net/" + name) << value;
}

bool exists(const std::string& device) {
  return contains(ip("-o link show"), ": " + device + "@");
}

class VirtualDevicesTest : public KernelTest {
 protected:
  void SetUp() override {
    KernelTest::SetUp();
    std::string pattern = fs::temp_directory_path() / "haguard-devices-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  ~VirtualDevicesTest() override { fs::remove_all(directory_); }

  std::unique_ptr<VirtualDevices> devices(std::vector<VirtualDevice> wanted) {
    return std::make_unique<VirtualDevices>(
        io_, std::move(wanted), directory_.string(),
        [this](const std::string& message) { complaints_.push_back(message); });
  }

  fs::path directory_;
  std::vector<std::string> complaints_;
};

TEST_F(VirtualDevicesTest, MakesADeviceThatIsSilent) {
  const auto port = devices({kDevice, kDevice6});
  EXPECT_EQ(port->ensure(kDevice), "");
  EXPECT_EQ(port->ensure(kDevice6), "");
  const auto shown = ip("-d link show vrrp4.51");
  EXPECT_TRUE(contains(shown, "vrrp4.51@v0: <BROADCAST,MULTICAST>")) << shown;
  EXPECT_TRUE(contains(shown, "link/ether 00:00:5e:00:01:33")) << shown;
  EXPECT_TRUE(contains(shown, "macvlan mode bridge")) << shown;
  EXPECT_TRUE(contains(ip("-d link show vrrp6.51"), "addrgenmode none"));
  EXPECT_TRUE(contains(ip("link show vrrp6.51"), "link/ether 00:00:5e:00:02:33"));
  EXPECT_EQ(setting("ipv4/conf/vrrp4.51/arp_ignore"), "1");
  EXPECT_EQ(setting("ipv4/conf/vrrp4.51/rp_filter"), "2");
  EXPECT_EQ(setting("ipv6/conf/vrrp6.51/accept_ra"), "0");
  EXPECT_TRUE(complaints_.empty());
}

TEST_F(VirtualDevicesTest, TheInterfaceBelowNoLongerSpeaksForTheAddresses) {
  set("ipv4/conf/v0/arp_announce", 1);
  const auto port = devices({kDevice});
  EXPECT_EQ(port->ensure(kDevice), "");
  EXPECT_EQ(setting("ipv4/conf/v0/arp_ignore"), "1");
  EXPECT_EQ(setting("ipv4/conf/v0/arp_announce"), "2");
  EXPECT_EQ(port->release(), std::vector<std::string>{"vrrp4.51"});
  EXPECT_EQ(setting("ipv4/conf/v0/arp_ignore"), "0");
  EXPECT_EQ(setting("ipv4/conf/v0/arp_announce"), "1");
  EXPECT_FALSE(exists("vrrp4.51"));
  EXPECT_TRUE(fs::is_empty(directory_));
}

TEST_F(VirtualDevicesTest, AStricterSettingStays) {
  set("ipv4/conf/v0/arp_ignore", 2);
  const auto port = devices({kDevice});
  EXPECT_EQ(port->ensure(kDevice), "");
  EXPECT_EQ(setting("ipv4/conf/v0/arp_ignore"), "2");
}

TEST_F(VirtualDevicesTest, ASuccessorPutsBackWhatWasThereBeforeTheFirst) {
  set("ipv4/conf/v0/arp_announce", 1);
  EXPECT_EQ(devices({kDevice})->ensure(kDevice), "");  // and dies
  const auto index = interface_index("vrrp4.51");
  const auto successor = devices({kDevice});
  EXPECT_EQ(successor->ensure(kDevice), "");
  EXPECT_EQ(interface_index("vrrp4.51"), index);
  successor->release();
  EXPECT_EQ(setting("ipv4/conf/v0/arp_ignore"), "0");
  EXPECT_EQ(setting("ipv4/conf/v0/arp_announce"), "1");
}

TEST_F(VirtualDevicesTest, ASuccessorRemovesWhatItHasNoUseFor) {
  EXPECT_EQ(devices({kDevice})->ensure(kDevice), "");
  const auto successor = devices({kDevice6});
  EXPECT_FALSE(exists("vrrp4.51"));
  const auto none = devices({});
  EXPECT_EQ(setting("ipv4/conf/v0/arp_ignore"), "0");
}

TEST_F(VirtualDevicesTest, WhatIsNotOursIsLeftAlone) {
  ip("link add vrrp4.51 type bridge");
  ip("link add vrrp6.51 link v0 type macvlan mode bridge");  // with another MAC address
  const auto port = devices({kDevice, kDevice6});
  EXPECT_EQ(port->ensure(kDevice), "interface vrrp4.51 exists and is not ours");
  EXPECT_EQ(port->ensure(kDevice6), "interface vrrp6.51 exists and is not ours");
  EXPECT_TRUE(port->is_foreign(kDevice));
  EXPECT_EQ(port->release(), std::vector<std::string>{});
  EXPECT_TRUE(exists("vrrp6.51"));
  ip("link delete vrrp4.51");
  EXPECT_EQ(setting("ipv4/conf/v0/arp_ignore"), "0");
}

TEST_F(VirtualDevicesTest, NothingIsMadeOnAMissingInterfaceOrAfterTheEnd) {
  const VirtualDevice orphan{Family::Ipv4, 7, "v9"};
  const auto port = devices({kDevice, orphan});
  EXPECT_EQ(port->ensure(orphan), "");
  EXPECT_FALSE(exists("vrrp4.7"));
  port->release();
  EXPECT_EQ(port->ensure(kDevice), "");
  EXPECT_FALSE(exists("vrrp4.51"));
}

TEST_F(VirtualDevicesTest, WhyItCannotBeMadeIsSaid) {
  const VirtualDevice on_loopback{Family::Ipv4, 51, "lo"};
  const auto port = devices({on_loopback});
  EXPECT_EQ(port->ensure(on_loopback), "cannot make vrrp4.51 on lo: Invalid argument");
}

TEST_F(VirtualDevicesTest, ARecordThatDoesNotReadIsNone) {
  std::ofstream(directory_ / "virtual-mac.json") << R"({"devices": [{"family": 4}], "arp": {}})";
  const auto port = devices({kDevice});
  EXPECT_EQ(port->ensure(kDevice), "");
  EXPECT_TRUE(complaints_.empty());
}

TEST_F(VirtualDevicesTest, GoesUpWithItsAddressesAndDownAfterwards) {
  const auto port = devices({kDevice});
  ASSERT_EQ(port->ensure(kDevice), "");
  const conf::VirtualAddress vip{kVip, 32, "vrrp4.51", ""};
  EXPECT_EQ(add({vip}, {.device = "vrrp4.51"}), "");
  EXPECT_TRUE(contains(ip("link show vrrp4.51"), "<BROADCAST,MULTICAST,UP"));
  EXPECT_TRUE(contains(ip("-4 -o addr show dev vrrp4.51"), "172.28.1.254/32"));
  EXPECT_EQ(remove({vip}), "");
  port->set_down(kDevice);
  EXPECT_TRUE(contains(ip("link show vrrp4.51"), "<BROADCAST,MULTICAST>"));
}

TEST_F(VirtualDevicesTest, WithoutItsDeviceAnAddressIsRefused) {
  const conf::VirtualAddress vip{kVip, 32, "vrrp4.51", ""};
  EXPECT_EQ(add({vip}, {.device = "vrrp4.51"}), "cannot set vrrp4.51 up: no such interface");
}

}  // namespace
}  // namespace haguard::vrrp
