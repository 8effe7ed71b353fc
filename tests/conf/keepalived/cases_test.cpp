// Each cases/NAME.conf becomes NAME.toml, with the findings of NAME.findings and no others. Names
// that begin with "error_" are of files that give no valid haguard.toml.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include <gtest/gtest.h>

#include "conf/keepalived/import.h"

namespace haguard::conf::keepalived {
namespace {

namespace fs = std::filesystem;

const fs::path kCases = HAGUARD_SOURCE_DIR "/tests/conf/keepalived/cases";
constexpr const char* kHost = "proxy-1.example.org";

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(line);
  }
  return lines;
}

/// Without comments and empty lines.
std::vector<std::string> settings_of(const std::string& text) {
  std::vector<std::string> result;
  for (std::string line : lines_of(text)) {
    if (line.starts_with('[')) {
      line = line.substr(0, line.find("  #"));
    }
    if (!line.empty() && !line.starts_with('#')) {
      result.push_back(line);
    }
  }
  return result;
}

struct Expected {
  std::string place;  ///< "12", or "1.inc:12" in an included file
  std::string kind;
  std::string phrase;
};

std::vector<Expected> findings_of(const std::string& name) {
  std::vector<Expected> result;
  for (const std::string& line : lines_of(content(kCases / (name + ".findings")))) {
    const auto first = line.find(' ');
    const auto second = line.find(' ', first + 1);
    result.push_back({line.substr(0, first), line.substr(first + 1, second - first - 1),
                      line.substr(second + 1)});
  }
  return result;
}

std::string place_of(const Finding& finding, const std::string& main_file) {
  const auto line = std::to_string(finding.place.line);
  return finding.place.file == main_file
             ? line
             : fs::path(finding.place.file).filename().string() + ":" + line;
}

Imported import_case(const std::string& name) {
  const auto file = (kCases / (name + ".conf")).string();
  return import_text(content(file), file, "haguard.toml", kHost);
}

std::vector<std::string> names_of_cases() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kCases)) {
    if (entry.path().extension() == ".conf") {
      names.push_back(entry.path().stem().string());
    }
  }
  std::ranges::sort(names);
  return names;
}

class KeepalivedCase : public ::testing::TestWithParam<std::string> {};

TEST_P(KeepalivedCase, BecomesTheExpectedToml) {
  EXPECT_EQ(settings_of(import_case(GetParam()).toml),
            settings_of(content(kCases / (GetParam() + ".toml"))));
}

TEST_P(KeepalivedCase, HasTheExpectedFindingsAndNoOthers) {
  const auto file = (kCases / (GetParam() + ".conf")).string();
  auto found = import_case(GetParam()).findings;
  for (const Expected& expected : findings_of(GetParam())) {
    const auto match = std::ranges::find_if(found, [&](const Finding& finding) {
      return place_of(finding, file) == expected.place &&
             to_string(finding.kind) == expected.kind &&
             finding.message.find(expected.phrase) != std::string::npos;
    });
    if (match == found.end()) {
      ADD_FAILURE() << "missing: " << expected.place << " " << expected.kind << " "
                    << expected.phrase;
    } else {
      found.erase(match);
    }
  }
  for (const Finding& finding : found) {
    ADD_FAILURE() << "not expected: " << finding.to_string();
  }
}

TEST_P(KeepalivedCase, IsAcceptedByHaguardUnlessItIsWrong) {
  const bool wrong = GetParam().starts_with("error_");
  const auto expected =
      parse(content(kCases / (GetParam() + ".toml")), "haguard.toml", kHost, Purpose::Ask);
  EXPECT_EQ(std::holds_alternative<Parsed>(expected), !wrong);
  const auto imported = import_case(GetParam());
  EXPECT_EQ(imported.good(), !wrong);
  for (const Problem& problem : imported.problems) {
    EXPECT_TRUE(wrong || problem.severity == conf::Severity::Warning) << problem.to_string();
  }
}

INSTANTIATE_TEST_SUITE_P(All, KeepalivedCase, ::testing::ValuesIn(names_of_cases()),
                         [](const auto& each) { return each.param; });

TEST(KeepalivedCases, AreThere) {
  EXPECT_GE(names_of_cases().size(), 80U);
  EXPECT_FALSE(import_case("error_no_instance").has_instance);
}

/// docs/import.md shows the file, what becomes of it, and all that is said.
TEST(KeepalivedCases, TheExampleOfTheDocumentIsTrue) {
  const auto document = content(HAGUARD_SOURCE_DIR "/docs/import.md");
  const auto text = content(kCases / "document.conf");
  const auto imported = import_text(text, "keepalived.conf", "haguard.toml", kHost);
  std::string said;
  for (const Finding& finding : imported.findings) {
    said += finding.to_string() + "\n";
  }
  for (const std::string& part : {text, imported.toml, said}) {
    EXPECT_NE(document.find("\n" + part + "```"), std::string::npos) << part;
  }
}

/// The pair of the tutorials that is shipped as an example means the same.
class KeepalivedTutorial : public ::testing::TestWithParam<int> {};

TEST_P(KeepalivedTutorial, MeansWhatTheExampleMeans) {
  const std::string number = std::to_string(GetParam());
  const auto imported = import_case("tutorial_proxy_" + number);
  auto ours = parse(imported.toml, "haguard.toml", "proxy-" + number);
  auto shipped =
      load(HAGUARD_SOURCE_DIR "/conf/examples/tutorial-proxy-" + number + ".toml", "host-1");
  ASSERT_TRUE(std::holds_alternative<Parsed>(ours));
  ASSERT_TRUE(std::holds_alternative<Parsed>(shipped));
  const Config& a = std::get<Parsed>(ours).config;
  const Config& b = std::get<Parsed>(shipped).config;
  EXPECT_EQ(a.node_name, b.node_name);
  EXPECT_EQ(a.haproxy.mode, b.haproxy.mode);
  ASSERT_EQ(a.instances.size(), 1U);
  ASSERT_EQ(b.instances.size(), 1U);
  const conf::Instance& x = a.instances[0];
  const conf::Instance& y = b.instances[0];
  EXPECT_EQ(x.interface, y.interface);
  EXPECT_EQ(x.version, y.version);
  EXPECT_EQ(x.virtual_router_id, y.virtual_router_id);
  EXPECT_EQ(x.priority, y.priority);
  EXPECT_EQ(x.advertisement_interval, y.advertisement_interval);
  EXPECT_EQ(x.virtual_addresses, y.virtual_addresses);
  EXPECT_EQ(x.excluded_addresses, y.excluded_addresses);
  EXPECT_EQ(x.preempt, y.preempt);
  EXPECT_EQ(x.preempt_delay, y.preempt_delay);
  EXPECT_EQ(x.startup_delay, y.startup_delay);
  EXPECT_EQ(x.unicast.has_value(), y.unicast.has_value());
  EXPECT_EQ(x.password, y.password);
  EXPECT_EQ(x.checksum, y.checksum);
  EXPECT_EQ(x.down_adverts, y.down_adverts);
  EXPECT_EQ(x.garp.schedule, y.garp.schedule);
  EXPECT_EQ(x.garp.refresh, y.garp.refresh);
  EXPECT_EQ(x.lease, y.lease);
  EXPECT_EQ(x.fast_abdication, y.fast_abdication);
  EXPECT_EQ(x.use_virtual_mac, y.use_virtual_mac);
  EXPECT_EQ(x.sync_group, y.sync_group);
  EXPECT_EQ(x.checks, y.checks);
  ASSERT_EQ(a.checks.size(), b.checks.size());
  EXPECT_EQ(a.checks[0].name, b.checks[0].name);
  EXPECT_EQ(a.checks[0].weight, b.checks[0].weight);
  EXPECT_TRUE(a.hooks.on_active.empty() && a.hooks.on_backup.empty() && a.hooks.on_fault.empty());
}

INSTANTIATE_TEST_SUITE_P(Pair, KeepalivedTutorial, ::testing::Values(1, 2));

}  // namespace
}  // namespace haguard::conf::keepalived
