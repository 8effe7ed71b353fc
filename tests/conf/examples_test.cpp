// The files that are shipped are valid and say what they claim to say.

#include <fstream>
#include <iterator>
#include <regex>

#include "conf/known_keys.h"
#include "tests/conf/expect.h"

namespace haguard::conf::testing {
namespace {

const std::string kDirectory = HAGUARD_SOURCE_DIR "/conf/";

Parsed load_valid(const std::string& name) {
  auto result = load(kDirectory + name, "host-1");
  if (const auto* problems = std::get_if<Problems>(&result)) {
    for (const std::string& line : lines_of(*problems)) {
      ADD_FAILURE() << line;
    }
    Parsed nothing;
    nothing.config.instances.resize(1);
    return nothing;
  }
  return std::get<Parsed>(std::move(result));
}

/// The file as installed, with those settings in force that `wanted` picks: a commented one stands
/// as
/// "#key = …" or "#[[table]]", "# Text" is not one.
template <class Wanted>
std::string reference_with(const Wanted& wanted) {
  std::ifstream file(kDirectory + "haguard.toml");
  std::string text;
  for (std::string line; std::getline(file, line);) {
    const bool setting = line.size() > 1 && line[0] == '#' && line[1] != ' ';
    text += (setting && wanted(line) ? line.substr(1) : line) + "\n";
  }
  return text;
}

std::string whole_reference() {
  std::string text = reference_with([](const std::string& /*line*/) { return true; });
  // Version 2 needs version = 2, which is not the default.
  const auto authentication = text.find("authentication =");
  return authentication == std::string::npos ? "" : text.insert(authentication, "#");
}

TEST(ConfExamples, TheReferenceIsRefusedAsItIsInstalled) {
  const auto result = load(kDirectory + "haguard.toml", "host-1");
  ASSERT_TRUE(std::holds_alternative<Problems>(result));
  std::vector<std::string> messages;
  for (const Problem& problem : std::get<Problems>(result)) {
    messages.push_back(problem.message);
  }
  EXPECT_EQ(messages,
            (Lines{"vrrp.instance: \"interface\" is missing",
                   "vrrp.instance: \"virtual_router_id\" is missing",
                   "vrrp.instance: \"virtual_addresses\" is missing",
                   "vrrp.instance: this is the file as installed: edit the lines interface, "
                   "virtual_router_id, priority and virtual_addresses"}));
}

TEST(ConfExamples, TheReferenceIsValidWithoutWarningsWhenItsFourLinesAreEdited) {
  int edited = 0;
  const std::string text = reference_with([&](const std::string& line) {
    const bool mine = line.find("# EDIT") != std::string::npos;
    edited += mine ? 1 : 0;
    return mine;
  });
  EXPECT_EQ(edited, 4);
  EXPECT_EQ(problems(text), Lines{});
  EXPECT_EQ(valid(text).instances.at(0).virtual_addresses.at(0).address, ip("192.0.2.10"));
}

TEST(ConfExamples, EveryCommentedSettingOfTheReferenceIsValidToo) {
  const std::string text = whole_reference();
  ASSERT_NE(text, "");
  EXPECT_EQ(problems(text), Lines{});
}

TEST(ConfExamples, TheReferenceHasEveryKeyThatIsUnderstood) {
  const std::string text = reference_with([](const std::string& /*line*/) { return true; });
  const auto keys = known_keys(text);
  EXPECT_GT(keys.size(), 50U);
  for (const std::string& key : keys) {
    // As a setting, as a table, or in prose in quotes of either kind.
    const std::string name = key.substr(key.rfind('.') + 1);
    const std::regex mention("(^|[{,] *|\\n *)" + name + " = |\\[" + name + "\\]|\\[" + key +
                             "\\]|`" + name + "`|\\[" + key + "\\.");
    EXPECT_TRUE(std::regex_search(text, mention)) << key;
  }
}

class ConfTutorial : public ::testing::TestWithParam<int> {};

TEST_P(ConfTutorial, IsThePairOfTheTutorials) {
  const std::string number = std::to_string(GetParam());
  const Parsed parsed = load_valid("examples/tutorial-proxy-" + number + ".toml");
  EXPECT_EQ(parsed.config.node_name, "proxy-" + number);
  // The password is longer than 8 bytes; and how a checkout can be read is not the tutorial's.
  for (const Problem& warning : parsed.warnings) {
    EXPECT_TRUE(warning.message.find("only the first 8 bytes") != std::string::npos ||
                warning.message.find("chmod 0600") != std::string::npos)
        << warning.to_string();
  }
  ASSERT_EQ(parsed.config.instances.size(), 1U);
  const Instance& instance = parsed.config.instances[0];
  EXPECT_EQ(instance.interface, "etx2");
  EXPECT_EQ(instance.version, Version::V2);
  EXPECT_EQ(instance.virtual_router_id, 51);
  EXPECT_EQ(instance.priority, GetParam() == 1 ? 100 : 90);
  EXPECT_EQ(instance.advertisement_interval, std::chrono::seconds(1));
  EXPECT_EQ(instance.password, "hGoVjTjS");
  EXPECT_EQ(instance.virtual_addresses,
            (std::vector<VirtualAddress>{{ip("172.28.1.254"), 32, "etx2", ""}}));
}

INSTANTIATE_TEST_SUITE_P(Pair, ConfTutorial, ::testing::Values(1, 2));

class ConfActiveActive : public ::testing::TestWithParam<int> {};

TEST_P(ConfActiveActive, EachNodeIsPreferredForOneOfTwoAddresses) {
  const int number = GetParam();
  const Parsed parsed =
      load_valid("examples/active-active-proxy-" + std::to_string(number) + ".toml");
  EXPECT_EQ(parsed.config.node_name, "proxy-" + std::to_string(number));
  EXPECT_EQ(lines_of(parsed.warnings), Lines{});
  ASSERT_EQ(parsed.config.instances.size(), 2U);
  const Instance& first = parsed.config.instances[0];
  const Instance& second = parsed.config.instances[1];
  EXPECT_EQ(first.virtual_router_id, 51);
  EXPECT_EQ(second.virtual_router_id, 52);
  EXPECT_EQ(first.priority, number == 1 ? 100 : 90);
  EXPECT_EQ(second.priority, number == 1 ? 90 : 100);
  EXPECT_EQ(first.virtual_addresses,
            (std::vector<VirtualAddress>{{ip("172.28.1.251"), 32, "etx2", ""}}));
  EXPECT_EQ(second.virtual_addresses,
            (std::vector<VirtualAddress>{{ip("172.28.1.252"), 32, "etx2", ""}}));
}

INSTANTIATE_TEST_SUITE_P(Pair, ConfActiveActive, ::testing::Values(1, 2));

}  // namespace
}  // namespace haguard::conf::testing
