// What the files of a pair must agree in; every difference is one line, with both places.

#include "conf/compare.h"

#include "tests/conf/expect.h"

namespace haguard::conf::testing {
namespace {

Parsed parsed(const std::string& text, const std::string& file) {
  auto result = parse(text, file, "host-1");
  if (const auto* problems = std::get_if<Problems>(&result)) {
    for (const std::string& line : lines_of(*problems)) {
      ADD_FAILURE() << line;
    }
    return {};
  }
  return std::get<Parsed>(std::move(result));
}

Lines compared(const std::string& ours, const std::string& theirs) {
  return lines_of(compare(parsed(ours, "our.toml"), parsed(theirs, "peer.toml")));
}

/// Our file has priority 100 in line 6, the peer's 90; the rest follows from line 7 on.
Lines with(const std::string& ours, const std::string& theirs) {
  return compared(instance_with("priority = 100\n" + ours),
                  instance_with("priority = 90\n" + theirs));
}

TEST(ConfCompare, APairThatDiffersInItsPrioritiesIsInOrder) {
  EXPECT_EQ(with("", ""), Lines{});
}

TEST(ConfCompare, InterfacesAndNamesMayDiffer) {
  EXPECT_EQ(compared(R"([[vrrp.instance]]
name = "a"
interface = "eth0"
virtual_router_id = 51
virtual_addresses = ["172.28.1.254"]
)",
                     instance_with("priority = 90\n")),
            Lines{});
}

TEST(ConfCompare, VirtualRouterIds) {
  EXPECT_EQ(
      compared(instance_with(""), R"([[vrrp.instance]]
name = "edge"
interface = "etx2"
virtual_router_id = 52
priority = 90
virtual_addresses = ["172.28.1.254"]
)"),
      Lines{"our.toml:4:21: error: edge: virtual_router_id 51, the peer (peer.toml:4) has 52: "
            "they will not hear each other"});
}

TEST(ConfCompare, Versions) {
  EXPECT_EQ(with("version = 2\n", ""),
            Lines{"our.toml:7:11: error: edge: version 2, the peer (peer.toml:1) has 3: each "
                  "rejects the other's advertisements"});
}

TEST(ConfCompare, AVersionOfTheDefaultsHasItsPlaceThere) {
  EXPECT_EQ(compared(instance_with("priority = 100\n") + "[vrrp]\nversion = 2\n",
                     instance_with("priority = 90\n")),
            Lines{"our.toml:8:11: error: edge: version 2, the peer (peer.toml:1) has 3: each "
                  "rejects the other's advertisements"});
}

TEST(ConfCompare, IntervalsAreAnErrorInVersion2Only) {
  EXPECT_EQ(with("advertisement_interval = \"100ms\"\n", ""),
            Lines{"our.toml:7:26: warning: edge: advertisement_interval 100ms, the peer "
                  "(peer.toml:1) has 1s: the Backup follows the Active one"});
  EXPECT_EQ(with("version = 2\nadvertisement_interval = \"2s\"\n", "version = 2\n"),
            Lines{"our.toml:8:26: error: edge: advertisement_interval 2s, the peer (peer.toml:1) "
                  "has 1s: version 2 rejects that"});
}

TEST(ConfCompare, PasswordsAreComparedAndNeverShown) {
  const auto password = [](const std::string& text) {
    return "version = 2\nauthentication = { type = \"pass\", password = \"" + text + "\" }\n";
  };
  EXPECT_EQ(with(password("hunter2"), password("hunter2")), Lines{});
  // Eight bytes go on the wire.
  EXPECT_EQ(with(password("12345678"), password("12345678")), Lines{});
  EXPECT_EQ(with(password("hunter2"), password("hunter3")),
            Lines{"our.toml:8:18: error: edge: authentication another password than the peer "
                  "(peer.toml:8): each rejects the other's advertisements"});
  EXPECT_EQ(with(password("hunter2"), "version = 2\n"),
            Lines{"our.toml:8:18: error: edge: authentication a password, the peer (peer.toml:1) "
                  "has none: each rejects the other's advertisements"});
  EXPECT_EQ(with("version = 2\n", password("hunter2")),
            Lines{"our.toml:1:1: error: edge: authentication no password, the peer (peer.toml:8) "
                  "has one: each rejects the other's advertisements"});
}

TEST(ConfCompare, AddressesInAnyOrder) {
  const auto one = [](const std::string& addresses, const std::string& priority) {
    return "[[vrrp.instance]]\nname = \"edge\"\ninterface = \"etx2\"\nvirtual_router_id = 51\n"
           "virtual_addresses = [" +
           addresses + "]\npriority = " + priority + "\n";
  };
  EXPECT_EQ(
      compared(one("\"10.0.0.1\", \"10.0.0.2\"", "100"), one("\"10.0.0.2\", \"10.0.0.1\"", "90")),
      Lines{});
  EXPECT_EQ(compared(one("\"10.0.0.1\", \"10.0.0.2\"", "100"), one("\"10.0.0.1\"", "90")),
            Lines{"our.toml:5:21: warning: edge: virtual_addresses 10.0.0.1, 10.0.0.2, the peer "
                  "(peer.toml:5) has 10.0.0.1: what only one of them has is gone after a "
                  "fail-over"});
}

TEST(ConfCompare, UnicastPeersNameEachOther) {
  const auto unicast = [](const std::string& source, const std::string& peer) {
    return "unicast = { source = \"" + source + "\", peers = [\"" + peer + "\"] }\n";
  };
  EXPECT_EQ(with(unicast("10.0.0.2", "10.0.0.3"), unicast("10.0.0.3", "10.0.0.2")), Lines{});
  EXPECT_EQ(with(unicast("10.0.0.2", "10.0.0.4"), unicast("10.0.0.3", "10.0.0.2")),
            Lines{"our.toml:7:11: error: edge: unicast peers does not name 10.0.0.3, the source of "
                  "the peer (peer.toml:7): its advertisements are rejected"});
  EXPECT_EQ(with(unicast("10.0.0.2", "10.0.0.3"), unicast("10.0.0.3", "10.0.0.4")),
            Lines{"our.toml:7:11: error: edge: unicast source 10.0.0.2 is not among the peers of "
                  "the peer (peer.toml:7): it will not hear this node"});
  EXPECT_EQ(with(unicast("10.0.0.2", "10.0.0.3"), ""),
            Lines{"our.toml:7:11: error: edge: unicast given, the peer (peer.toml:1) uses "
                  "multicast: they will not hear each other"});
}

TEST(ConfCompare, EqualPriorities) {
  EXPECT_EQ(compared(instance_with("priority = 100\n"), instance_with("")),
            Lines{"our.toml:6:12: warning: edge: priority 100, as the peer (peer.toml:1) has: the "
                  "higher address decides who is Active"});
  EXPECT_EQ(compared(instance_with("priority = 255\n"), instance_with("priority = 255\n")),
            Lines{"our.toml:6:12: error: edge: priority 255, as the peer (peer.toml:6) has: only "
                  "one can own the addresses"});
}

TEST(ConfCompare, TheRestIsAWarningEach) {
  EXPECT_EQ(with("checksum = \"rfc5798\"\n", "checksum = \"auto\"\n"), Lines{});
  for (const auto& [ours, theirs] : std::vector<std::pair<std::string, std::string>>{
           {"checksum = \"rfc5798\"", "checksum = \"rfc9568\""},
           {"down_adverts = 2", "down_adverts = 3"},
           {"use_virtual_mac = true", "use_virtual_mac = false"},
           {"preempt = false", "preempt = true"},
           {"sync_group = \"g\"", "sync_group = \"\""},
           {"excluded_addresses = [\"10.0.0.9\"]", "excluded_addresses = []"}}) {
    const auto found = with(ours + "\n", theirs + "\n");
    ASSERT_EQ(found.size(), 1U) << ours;
    const std::string key = ours.substr(0, ours.find(' '));
    EXPECT_TRUE(found[0].starts_with("our.toml:7:" + std::to_string(key.size() + 4) +
                                     ": warning: edge: " + key + " "))
        << found[0];
    EXPECT_NE(found[0].find("the peer (peer.toml:7) has "), std::string::npos) << found[0];
  }
}

TEST(ConfCompare, AnInstanceOfOneSideOnly) {
  const std::string other = R"([[vrrp.instance]]
name = "inside"
interface = "etx1"
virtual_router_id = 60
virtual_addresses = ["10.0.0.1"]
)";
  const Lines told{
      "our.toml:8:8: warning: inside: no instance for virtual_router_id 60 in "
      "peer.toml: nobody takes over when this node fails"};
  EXPECT_EQ(with(other, ""), told);
  const Lines reversed{
      "peer.toml:8:8: warning: inside: no instance for virtual_router_id 60 in "
      "our.toml: nobody takes over when this node fails"};
  EXPECT_EQ(with("", other), reversed);
}

TEST(ConfCompare, OurFilesComeBeforeThoseOfThePeer) {
  const std::string inside =
      "[[vrrp.instance]]\nname = \"inside\"\ninterface = \"etx1\"\nvirtual_router_id = 60\n"
      "virtual_addresses = [\"10.0.0.1\"]\n";
  FileSource source = no_files();
  source.read = [&](const std::string&, std::size_t) { return FileContent{inside}; };
  const auto ours = parse("include = [\"a.toml\"]\n" + instance_with("priority = 100\n"),
                          "our.toml", "host-1", Purpose::Run, source);
  const auto theirs = parsed(
      "[[vrrp.instance]]\nname = \"other\"\ninterface = \"etx1\"\nvirtual_router_id = 61\n"
      "virtual_addresses = [\"10.0.0.2\"]\n" +
          instance_with("priority = 90\n"),
      "peer.toml");
  EXPECT_EQ(lines_of(compare(std::get<Parsed>(ours), theirs)),
            (Lines{"a.toml:2:8: warning: inside: no instance for virtual_router_id 60 in "
                   "peer.toml: nobody takes over when this node fails",
                   "peer.toml:2:8: warning: other: no instance for virtual_router_id 61 in "
                   "our.toml: nobody takes over when this node fails"}));
}

}  // namespace
}  // namespace haguard::conf::testing
