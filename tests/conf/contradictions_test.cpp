// Virtual MAC addresses, leases, delays and groups: settings that depend on others.
#include "tests/conf/expect.h"

namespace haguard::conf::testing {
namespace {

using namespace std::chrono_literals;

TEST(ConfContradictions, WithAVirtualMacTheAddressesLiveOnItsDevice) {
  const Instance instance = valid(R"([[vrrp.instance]]
name = "edge"
interface = "etx2"
virtual_router_id = 51
virtual_addresses = ["172.28.1.254", { address = "172.28.1.253", interface = "etx3" },
                     { address = "172.28.1.252", label = "etx2:vip" }, "2001:db8::1"]
excluded_addresses = ["172.28.1.251"]
use_virtual_mac = true
)")
                                .instances.at(0);
  std::vector<std::string> homes;
  for (const VirtualAddress& address : instance.virtual_addresses) {
    homes.push_back(address.interface);
  }
  EXPECT_EQ(homes, (std::vector<std::string>{"vrrp4.51", "etx3", "vrrp4.51", "vrrp6.51"}));
  EXPECT_EQ(instance.virtual_addresses[2].label, "etx2:vip");
  EXPECT_EQ(instance.excluded_addresses[0].interface, "vrrp4.51");
  EXPECT_EQ(virtual_device(instance, vrrp::Family::Ipv6),
            (vrrp::VirtualDevice{vrrp::Family::Ipv6, 51, "etx2"}));
}

TEST(ConfContradictions, AnExcludedAddressWithoutARouterOfItsFamilyIsWithTheOther) {
  const Instance instance =
      only_instance("excluded_addresses = [\"2001:db8::1\"]\nuse_virtual_mac = true\n");
  EXPECT_EQ(instance.excluded_addresses.at(0).interface, "vrrp4.51");
}

TEST(ConfContradictions, WithoutAVirtualMacThereIsNoDevice) {
  const Instance instance = only_instance("");
  EXPECT_EQ(instance.virtual_addresses.at(0).interface, "etx2");
  EXPECT_FALSE(virtual_device(instance, vrrp::Family::Ipv4));
}

TEST(ConfContradictions, AVirtualMacIsForMulticastAndForBackups) {
  EXPECT_EQ(problems(instance_with("use_virtual_mac = true\nunicast = { source = \"172.28.1.2\", "
                                   "peers = [\"172.28.1.3\"] }\n")),
            Lines{"f.toml:6:19: error: vrrp.instance.use_virtual_mac: true, but advertisements to "
                  "unicast peers need the interface's own MAC address"});
  const auto found = problems(instance_with("use_virtual_mac = true\npriority = 255\n"));
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0],
            "f.toml:6:19: error: vrrp.instance.use_virtual_mac: true, but the addresses of their "
            "owner (priority 255) are the machine's own, and answer with its MAC address; 254 is "
            "as good for a pair");
  EXPECT_EQ(problems(instance_with("use_virtual_mac = 1\n")).size(), 1U);
}

TEST(ConfContradictions, TwoDevicesOfOneNameAreOneTooMany) {
  const auto second = [](const std::string& more) {
    return "use_virtual_mac = true\n" + std::string(R"([[vrrp.instance]]
name = "other"
interface = "etx3"
virtual_router_id = 51
)") + more;
  };
  EXPECT_EQ(problems(instance_with(
                second("virtual_addresses = [\"10.0.0.1\"]\nuse_virtual_mac = true\n"))),
            Lines{"f.toml:10:21: error: vrrp.instance.virtual_router_id: the device vrrp4.51 of "
                  "use_virtual_mac is also that of line 4, although on another interface: "
                  "expected another id"});
  EXPECT_EQ(problems(instance_with(second("virtual_addresses = [\"10.0.0.1\"]\n"))), Lines{});
  EXPECT_EQ(problems(instance_with(
                second("virtual_addresses = [\"fe80::1\"]\nuse_virtual_mac = true\n"))),
            Lines{});
}

TEST(ConfContradictions, TheAutomaticLeaseIsWhatPeersWaitForButAtLeastOneSecond) {
  EXPECT_EQ(only_instance("").lease, 3s);
  EXPECT_EQ(only_instance("lease = \"auto\"\ndown_adverts = 5\n").lease, 5s);
  EXPECT_EQ(only_instance("advertisement_interval = \"100ms\"\n").lease, 1s);
  EXPECT_EQ(only_instance("advertisement_interval = \"1.5s\"\n").lease, 4s);
  EXPECT_EQ(only_instance("lease = \"off\"\n").lease, 0s);
  EXPECT_EQ(only_instance("lease = \"7s\"\n").lease, 7s);
  for (const char* const text : {"0s", "500ms", "1.5s", "61m", "on", ""}) {
    EXPECT_EQ(
        problems(instance_with("lease = \"" + std::string(text) + "\"\n")),
        Lines{"f.toml:6:9: error: vrrp.instance.lease: expected \"auto\", \"off\", or 1s to 1h "
              "in whole seconds, as the kernel counts, got \"" +
              std::string(text) + "\""});
  }
}

TEST(ConfContradictions, TheOwnersAddressesHaveNoLeaseOfThemselves) {
  const auto result = parse_text(instance_with("priority = 255\n"));
  const auto& parsed = std::get<Parsed>(result);
  EXPECT_EQ(parsed.config.instances[0].lease, 0s);
  ASSERT_EQ(parsed.warnings.size(), 1U);
  EXPECT_NE(parsed.warnings[0].to_string().find("owner of the addresses"), std::string::npos);
}

TEST(ConfContradictions, DelaysAndGroups) {
  const Instance instance =
      only_instance("preempt_delay = \"1m\"\nstartup_delay = \"5s\"\nsync_group = \"all\"\n");
  EXPECT_EQ(instance.preempt_delay, 60s);
  EXPECT_EQ(instance.startup_delay, 5s);
  EXPECT_EQ(instance.sync_group, "all");
}

TEST(ConfContradictions, SettingsThatCannotBeTrueTogether) {
  EXPECT_EQ(problems(instance_with("preempt = false\npreempt_delay = \"1s\"\n")),
            Lines{"f.toml:7:17: error: vrrp.instance.preempt_delay: there is nothing to delay, as "
                  "preempt is false"});
  EXPECT_EQ(problems(instance_with("preempt = false\npriority = 255\n")).front(),
            "f.toml:6:11: error: vrrp.instance.preempt: false, but the owner of the addresses "
            "(priority 255) always preempts (RFC 9568 6.1)");
  EXPECT_EQ(problems(instance_with("excluded_addresses = [\"172.28.1.254\"]\n")),
            Lines{"f.toml:6:22: error: vrrp.instance.excluded_addresses: 172.28.1.254 is among "
                  "virtual_addresses as well"});
}

TEST(ConfContradictions, ASyncGroupIsOfOneKind) {
  const std::string second = R"(sync_group = "all"
[[vrrp.instance]]
name = "inside"
interface = "etx1"
virtual_router_id = 52
virtual_addresses = ["10.0.0.1"]
sync_group = "all"
)";
  EXPECT_EQ(problems(instance_with(second)), Lines{});
  const auto found = problems(instance_with(second + "preempt = false\n"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].find("sync_group \"all\": the instances edge and inside become Active "
                          "together, but only one has preempt = false"),
            std::string::npos)
      << found[0];
}

TEST(ConfContradictions, EachFamilyIsAVirtualRouter) {
  const std::string second = R"([[vrrp.instance]]
name = "edge6"
interface = "etx2"
virtual_router_id = 51
virtual_addresses = ["fe80::1", "2001:db8::10"]
)";
  EXPECT_EQ(problems(instance_with(second)), Lines{});
}

}  // namespace
}  // namespace haguard::conf::testing
