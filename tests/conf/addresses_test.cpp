#include "conf/addresses.h"

#include "tests/conf/expect.h"

namespace haguard::conf::testing {
namespace {

/// The addresses stand on line 5, the first one in column 22.
std::string with_addresses(std::string_view addresses) {
  return R"([[vrrp.instance]]
name = "edge"
interface = "etx2"
virtual_router_id = 51
virtual_addresses = [)" +
         std::string(addresses) + "]\n";
}

std::string problem_at(unsigned column, std::string_view message) {
  return "f.toml:5:" + std::to_string(column) +
         ": error: vrrp.instance.virtual_addresses: " + std::string(message);
}

TEST(ConfAddresses, StringsAndTablesMayBeMixed) {
  const Config config = valid(with_addresses(
      R"("172.28.1.254", "10.0.0.5/24", { address = "10.0.0.6/1", interface = "etx1", label = "etx1:vip" }, { address = "10.0.0.7" })"));
  EXPECT_EQ(config.instances.at(0).virtual_addresses,
            (std::vector<VirtualAddress>{{ip("172.28.1.254"), 32, "etx2", ""},
                                         {ip("10.0.0.5"), 24, "etx2", ""},
                                         {ip("10.0.0.6"), 1, "etx1", "etx1:vip"},
                                         {ip("10.0.0.7"), 32, "etx2", ""}}));
}

TEST(ConfAddresses, RefusesWhatIsNotAnAddress) {
  for (const char* const text : {"", "172.28.1", "172.28.1.256", "localhost", " 10.0.0.1"}) {
    EXPECT_EQ(problems(with_addresses("\"" + std::string(text) + "\"")),
              Lines{problem_at(22,
                               "expected an IPv4 or IPv6 address such as \"172.28.1.254\" or "
                               "\"2001:db8::10\", got \"" +
                                   std::string(text) + "\"")});
  }
  EXPECT_EQ(problems(with_addresses("5")),
            Lines{problem_at(22,
                             "expected an address such as \"172.28.1.254\", \"10.0.0.5/24\" or "
                             "\"2001:db8::10\", got integer 5")});
}

TEST(ConfAddresses, RefusesAddressesThatNoHostHas) {
  EXPECT_EQ(
      problems(with_addresses(R"("224.0.0.18", "0.0.0.0", "127.0.0.1", "255.255.255.255/32")")),
      (Lines{
          problem_at(22,
                     "\"224.0.0.18\" is a multicast address, expected one that a host can "
                     "have"),
          problem_at(36,
                     "\"0.0.0.0\" is the unspecified address, expected one that a host can "
                     "have"),
          problem_at(47, "\"127.0.0.1\" is a loopback address, expected one that a host can have"),
          problem_at(60,
                     "\"255.255.255.255\" is the broadcast address, expected one that a host "
                     "can have"),
      }));
}

TEST(ConfAddresses, FamiliesMayBeMixed) {
  const Config config =
      valid(with_addresses(R"("172.28.1.254", "fe80::10", "2001:db8::10", "2001:db8::11/64")"));
  EXPECT_EQ(config.instances.at(0).virtual_addresses,
            (std::vector<VirtualAddress>{{ip("172.28.1.254"), 32, "etx2", ""},
                                         {ip("fe80::10"), 128, "etx2", ""},
                                         {ip("2001:db8::10"), 128, "etx2", ""},
                                         {ip("2001:db8::11"), 64, "etx2", ""}}));
  EXPECT_EQ(families(config.instances.at(0)),
            (std::vector{vrrp::Family::Ipv4, vrrp::Family::Ipv6}));
}

TEST(ConfAddresses, AnIpv6RouterWithoutALinkLocalAddressIsWarnedAbout) {
  EXPECT_EQ(problems(with_addresses(R"("2001:db8::10")")),
            Lines{"f.toml:5:21: warning: vrrp.instance.virtual_addresses: no link-local address: "
                  "RFC 9568 (5.2.9) wants one in an IPv6 virtual router, such as "
                  "\"fe80::200:5eff:fe00:233\""});
}

TEST(ConfAddresses, RefusesIpv6WhereItCannotBe) {
  EXPECT_EQ(problems(with_addresses(R"("fe80::1")") + "version = 2\n"),
            Lines{problem_at(21, "IPv6 addresses need version 3")});
  EXPECT_EQ(problems(with_addresses(R"("::1", "ff02::12", "::", "fe80::1/129")")),
            (Lines{
                problem_at(22, "\"::1\" is a loopback address, expected one that a host can have"),
                problem_at(29,
                           "\"ff02::12\" is a multicast address, expected one that a host can "
                           "have"),
                problem_at(41,
                           "\"::\" is the unspecified address, expected one that a host can "
                           "have"),
                problem_at(47, "expected a prefix length from 1 to 128, got \"fe80::1/129\""),
            }));
  EXPECT_EQ(problems(with_addresses(R"({ address = "fe80::1", label = "etx2:vip" })")),
            Lines{"f.toml:5:53: error: vrrp.instance.virtual_addresses.label: only an IPv4 address "
                  "can have one"});
  EXPECT_EQ(problems(instance_with("unicast = { source = \"fe80::1\", peers = [\"fe80::2\"] }\n")),
            Lines{"f.toml:6:11: error: vrrp.instance.unicast: fe80::1 is an ipv6 address, the "
                  "virtual address 172.28.1.254 is not: it needs an instance of its own, or goes "
                  "into excluded_addresses"});
  EXPECT_EQ(
      problems(instance_with("unicast = { source = \"10.0.0.1\", peers = [\"fe80::2\"] }\n")),
      Lines{"f.toml:6:42: error: vrrp.instance.unicast.peers: fe80::2 is not of the family of the "
            "source 10.0.0.1"});
}

TEST(ConfAddresses, AnIpv6PacketHasRoomFor90) {
  std::string addresses = "\"fe80::ff\",";
  for (int i = 1; i <= 90; ++i) {
    addresses += "\"2001:db8::" + std::to_string(i) + "\",";
  }
  EXPECT_EQ(problems(with_addresses(addresses)),
            Lines{problem_at(21,
                             "91 IPv6 addresses, expected at most 90: more do not fit into one "
                             "advertisement; excluded_addresses takes the others")});
}

TEST(ConfAddresses, PrefixLengthsAreFrom1To32) {
  for (const char* const text : {"10.0.0.1/0", "10.0.0.1/33", "10.0.0.1/", "10.0.0.1/-1",
                                 "10.0.0.1/24x", "10.0.0.1/256", "10.0.0.1/24/24"}) {
    EXPECT_EQ(problems(with_addresses("\"" + std::string(text) + "\"")),
              Lines{problem_at(
                  22, "expected a prefix length from 1 to 32, got \"" + std::string(text) + "\"")});
  }
}

TEST(ConfAddresses, AnAddressIsListedOnce) {
  EXPECT_EQ(problems(with_addresses(R"("10.0.0.1", { address = "10.0.0.1/24" })")),
            Lines{problem_at(34, "10.0.0.1 is listed twice")});
}

TEST(ConfAddresses, APacketHasRoomFor255) {
  std::string addresses;
  for (int i = 1; i <= 256; ++i) {
    addresses += "\"10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1) + "\",";
  }
  EXPECT_EQ(problems(with_addresses(addresses)),
            Lines{problem_at(21, "expected at most 255 entries, got 256")});
}

TEST(ConfAddresses, TablesAreCheckedKeyByKey) {
  EXPECT_EQ(problems(with_addresses(R"({ interface = "", label = "sixteen-bytes-00", dev = 1 })")),
            (Lines{
                problem_at(22, "\"address\" is missing"),
                "f.toml:5:36: error: vrrp.instance.virtual_addresses.interface: expected an "
                "interface name of 1 to 15 bytes without \"/\" and spaces, got \"\"",
                "f.toml:5:48: error: vrrp.instance.virtual_addresses.label: expected a label of 1 "
                "to 15 bytes without \"/\" and spaces, got \"sixteen-bytes-00\"",
                problem_at(68, "unknown key \"dev\""),
            }));
}

TEST(ConfAddresses, UnicastIsRead) {
  const Config config = valid(instance_with(
      "unicast = { source = \"172.28.1.2\", peers = [\"172.28.1.3\", \"172.28.1.4\"] }\n"));
  const auto& unicast = config.instances.at(0).unicast;
  ASSERT_TRUE(unicast);
  EXPECT_EQ(unicast->source, ip("172.28.1.2"));
  EXPECT_EQ(unicast->peers, (std::vector<vrrp::IpAddress>{ip("172.28.1.3"), ip("172.28.1.4")}));
  EXPECT_EQ(unicast->min_ttl, 255);
}

TEST(ConfAddresses, UnicastNeedsItsSourceAndAPeer) {
  EXPECT_EQ(problems(instance_with("unicast = { }\n")),
            (Lines{"f.toml:6:11: error: vrrp.instance.unicast: \"source\" is missing",
                   "f.toml:6:11: error: vrrp.instance.unicast: \"peers\" is missing"}));
  EXPECT_EQ(problems(instance_with("unicast = { source = \"172.28.1.2\", peers = [] }\n")),
            Lines{"f.toml:6:44: error: vrrp.instance.unicast.peers: expected at least 1 entry, got "
                  "none"});
}

TEST(ConfAddresses, UnicastPeersAreOthers) {
  EXPECT_EQ(problems(instance_with(
                "unicast = { source = \"10.0.0.1\", peers = [\"10.0.0.2\", \"10.0.0.2\"] }\n")),
            Lines{"f.toml:6:55: error: vrrp.instance.unicast.peers: listed twice"});
  EXPECT_EQ(problems(instance_with(
                "unicast = { source = \"10.0.0.1\", peers = [\"10.0.0.2\", \"10.0.0.1\"] }\n")),
            Lines{"f.toml:6:42: error: vrrp.instance.unicast.peers: 10.0.0.1 is our own source "
                  "address"});
  EXPECT_EQ(
      problems(instance_with("unicast = { source = \"10.0.0.1\", peers = [\"224.0.0.18\"] }\n")),
      Lines{"f.toml:6:43: error: vrrp.instance.unicast.peers: \"224.0.0.18\" is a multicast "
            "address, expected one that a host can have"});
}

TEST(ConfAddresses, UnicastMinTtlHasARange) {
  const std::string unicast =
      "unicast = { source = \"10.0.0.1\", peers = [\"10.0.0.2\"], min_ttl = ";
  EXPECT_EQ(valid(instance_with(unicast + "1 }\n")).instances.at(0).unicast.value().min_ttl, 1);
  EXPECT_EQ(problems(instance_with(unicast + "0 }\n")),
            Lines{"f.toml:6:66: error: vrrp.instance.unicast.min_ttl: expected an integer from 1 "
                  "to 255, got 0"});
}

}  // namespace
}  // namespace haguard::conf::testing
