#include "conf/parse.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/conf/expect.h"

namespace haguard::conf::testing {
namespace {

TEST(ConfParse, AProblemIsOneLine) {
  EXPECT_EQ((Problem{"a.toml", 12, 3, Severity::Error, "no"}.to_string()),
            "a.toml:12:3: error: no");
  EXPECT_EQ((Problem{"a.toml", 12, 3, Severity::Warning, "hm"}.to_string()),
            "a.toml:12:3: warning: hm");
  EXPECT_EQ((Problem{"a.toml", 0, 0, Severity::Error, "gone"}.to_string()), "a.toml: error: gone");
}

TEST(ConfParse, ASyntaxErrorIsOneProblemWithItsPosition) {
  EXPECT_EQ(problems("[log]\nlevel = debug\n[[["),
            Lines{"f.toml:2:9: error: syntax error: Error while parsing value: could not determine "
                  "value type"});
}

TEST(ConfParse, ASyntaxErrorNeverShowsAPassword) {
  EXPECT_EQ(problems("a = 1\n[x]\npassword = 12345678901234567890\n"),
            Lines{"f.toml:3:32: error: syntax error in a line with a password"});
}

TEST(ConfParse, TextThatIsNotUtf8IsASyntaxError) {
  EXPECT_EQ(problems("a = \"\xff\xfe\"\n"),
            Lines{"f.toml:1:5: error: syntax error: Encountered invalid utf-8 sequence"});
}

TEST(ConfParse, EveryProblemIsToldInTheOrderOfTheFile) {
  EXPECT_EQ(problems(R"([log]
level = "loud"
[[vrrp.instance]]
name = "edge"
interface = "etx2"
virtual_router_id = 0
virtual_addresses = []
prio = 1
[process]
realtime_priority = 100
)"),
            (Lines{
                "f.toml:2:9: error: log.level: expected one of \"debug\", \"info\", \"warning\", "
                "\"error\", got \"loud\"",
                "f.toml:6:21: error: vrrp.instance.virtual_router_id: expected an integer from 1 "
                "to 255, got 0",
                "f.toml:7:21: error: vrrp.instance.virtual_addresses: expected at least 1 entry, "
                "got none",
                "f.toml:8:1: error: vrrp.instance: unknown key \"prio\"",
                "f.toml:10:21: error: process.realtime_priority: expected an integer from 0 to "
                "99, got 100",
            }));
}

TEST(ConfParse, WarningsComeWithTheErrors) {
  const auto lines = problems(instance_with("garp = { schedule = [] }\npriority = 0\n"));
  EXPECT_EQ(lines,
            (Lines{"f.toml:6:21: warning: vrrp.instance.garp.schedule: without an entry, a "
                   "take-over is not announced at once",
                   "f.toml:7:12: error: vrrp.instance.priority: expected an integer from 1 to "
                   "255, got 0"}));
}

TEST(ConfParse, ANodeNeedsAnInstance) {
  const Lines expected{"f.toml: error: there is no [[vrrp.instance]], so nothing to do"};
  EXPECT_EQ(problems(""), expected);
  EXPECT_EQ(problems("[vrrp]\nversion = 3\n"), expected);
  EXPECT_EQ(problems("[vrrp]\ninstance = []\n"), expected);
}

TEST(ConfParse, RefusesTextThatIsTooLarge) {
  EXPECT_EQ(problems(std::string((1U << 20U) + 1, '\n')),
            Lines{"f.toml: error: larger than 1048576 bytes"});
}

TEST(ConfParse, RefusesNestingThatWouldExhaustTheStack) {
  std::string key = "a";
  for (int i = 0; i < 100'000; ++i) {
    key += ".a";
  }
  const Lines refused{"f.toml: error: more than 10000 dots in the keys of one file"};
  EXPECT_EQ(problems(key + " = 1\n"), refused);
  // Nor does a string hide it, however it ends.
  for (const char* before : {R"("")", R"("\"")", R"('\')", R"("""a"""")", R"("""a""""")",
                             R"("""\"""")", "'''a''''", R"("#")", "1 # \"\n"}) {
    EXPECT_EQ(problems(std::string("b = [") + before + ", {" + key + " = 1}]\n"), refused)
        << before;
  }
  EXPECT_EQ(problems("a = " + std::string(100'000, '[')).size(), 1U);
  EXPECT_EQ(problems(key.substr(0, 19'001) + " = 1\n").size(), 2U);  // unknown key, no instance
}

TEST(ConfParse, AnyNumberOfAddressesMayHaveDots) {
  std::string text = "a = [";
  for (int i = 0; i < 5'000; ++i) {
    text += "\"172.28.1.254\", '172.28.1.254', ";
  }
  EXPECT_EQ(problems(text + "] # ...\n").size(), 2U);  // unknown key, no instance
}

class ConfLoad : public ::testing::Test {
 protected:
  ConfLoad() {
    std::string pattern = ::testing::TempDir() + "/haguard-load-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
  }
  ~ConfLoad() override { std::filesystem::remove_all(directory_); }
  ConfLoad(const ConfLoad&) = delete;
  ConfLoad& operator=(const ConfLoad&) = delete;

  std::filesystem::path directory_;
};

TEST_F(ConfLoad, ReadsAFile) {
  const auto path = directory_ / "haguard.toml";
  std::ofstream(path) << instance_with("priority = 90\n");
  const auto result = load(path, "host-1");
  ASSERT_TRUE(std::holds_alternative<Parsed>(result));
  EXPECT_EQ(std::get<Parsed>(result).config.instances.at(0).priority, 90);
}

TEST_F(ConfLoad, AFileThatCannotBeReadIsOneProblem) {
  const std::string missing = directory_ / "missing.toml";
  EXPECT_EQ(lines_of(std::get<Problems>(load(missing, "host-1"))),
            Lines{missing + ": error: cannot be read: No such file or directory"});
  const std::string directory = directory_;
  EXPECT_EQ(lines_of(std::get<Problems>(load(directory, "host-1"))),
            Lines{directory + ": error: cannot be read: not a regular file"});
}

TEST_F(ConfLoad, ALargeFileIsNotReadToItsEnd) {
  const std::string path = directory_ / "large.toml";
  std::ofstream(path) << std::string((1U << 20U) + 1, '\n');
  EXPECT_EQ(lines_of(std::get<Problems>(load(path, "host-1"))),
            Lines{path + ": error: cannot be read: larger than 1048576 bytes"});
}

}  // namespace
}  // namespace haguard::conf::testing
