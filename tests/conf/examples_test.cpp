// The files that are shipped are valid and say what they claim to say.

#include <fstream>
#include <iterator>
#include <sstream>

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

TEST(ConfExamples, TheReferenceIsValidWithoutWarnings) {
  const Parsed parsed = load_valid("haguard.toml");
  EXPECT_EQ(lines_of(parsed.warnings), Lines{});
  EXPECT_EQ(parsed.config.instances.at(0).virtual_addresses.at(0).address, ip("192.0.2.10"));
}

TEST(ConfExamples, EveryCommentedSettingOfTheReferenceIsValidToo) {
  std::ifstream file(kDirectory + "haguard.toml");
  std::string text;
  for (std::string line; std::getline(file, line);) {
    // "#key = …" and "#[[table]]" are settings, "# Text" is not.
    const bool setting = line.size() > 1 && line[0] == '#' && line[1] != ' ';
    text += (setting ? line.substr(1) : line) + "\n";
  }
  // Version 2 needs version = 2, which is not the default.
  const auto authentication = text.find("authentication =");
  ASSERT_NE(authentication, std::string::npos);
  text.insert(authentication, "#");
  EXPECT_EQ(problems(text), Lines{});
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
