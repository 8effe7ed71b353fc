// Further files of the configuration: where they come from, and what their problems are called.

#include "conf/include.h"

#include <cstdlib>
#include <filesystem>
#include <fnmatch.h>
#include <fstream>
#include <map>

#include "tests/conf/expect.h"

namespace haguard::conf::testing {
namespace {

using Files = std::map<std::string, std::string>;

FileSource source_of(const Files& files) {
  return {[&files](const std::string& pattern) {
            std::vector<std::string> found;
            for (const auto& [path, text] : files) {
              if (::fnmatch(pattern.c_str(), path.c_str(), FNM_PATHNAME) == 0) {
                found.push_back(path);
              }
            }
            return found;
          },
          [&files](const std::string& path,
                   std::size_t /*limit*/) -> std::variant<FileContent, FileError> {
            const auto file = files.find(path);
            if (file == files.end()) {
              return FileError{"No such file or directory"};
            }
            return FileContent{file->second};
          }};
}

ParseResult parse_with(const std::string& text, const Files& files) {
  return parse(text, "f.toml", "host-1", Purpose::Run, source_of(files));
}

Lines problems_with(const std::string& text, const Files& files) {
  const auto result = parse_with(text, files);
  const auto* parsed = std::get_if<Parsed>(&result);
  return lines_of(parsed != nullptr ? parsed->warnings : std::get<Problems>(result));
}

/// The instance stands on lines 2 to 6.
std::string including(const std::string& entries, const std::string& rest = "") {
  return "include = [" + entries + "]\n" + instance_with(rest);
}

std::string instance(const std::string& name, int id) {
  return "[[vrrp.instance]]\nname = \"" + name +
         "\"\ninterface = \"etx2\"\nvirtual_router_id = " + std::to_string(id) +
         "\nvirtual_addresses = [\"172.28.1." + std::to_string(id) + "\"]\n";
}

TEST(ConfInclude, ArraysOfTablesAppendInTheOrderOfEntriesAndNames) {
  const Files files{{"conf.d/b.toml", instance("b", 2)},
                    {"conf.d/a.toml", instance("a", 3)},
                    {"extra.toml", instance("extra", 4)}};
  const auto result = parse_with(including(R"("extra.toml", "conf.d/*.toml")"), files);
  ASSERT_TRUE(std::holds_alternative<Parsed>(result));
  std::vector<std::string> names;
  for (const Instance& instance : std::get<Parsed>(result).config.instances) {
    names.push_back(instance.name);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"edge", "extra", "a", "b"}));
}

TEST(ConfInclude, TheTextOfAllFilesIsKeptInTheOrderOfReading) {
  const Files files{{"conf.d/a.toml", "[log]\nlevel = \"debug\"\n"}, {"b.toml", "# nothing\n"}};
  const auto text = including(R"("b.toml", "conf.d/*.toml")");
  const auto parsed = std::get<Parsed>(parse_with(text, files));
  EXPECT_EQ(parsed.texts,
            (std::vector<std::string>{text, "# nothing\n", "[log]\nlevel = \"debug\"\n"}));
  EXPECT_EQ(parsed.config.log_level, LogLevel::Debug);
}

TEST(ConfInclude, EverythingMayStandInIncludedFiles) {
  const Files files{{"a.toml", instance("a", 1)}, {"b.toml", "[vrrp]\nversion = 2\n"}};
  const auto parsed = std::get<Parsed>(parse_with("include = [\"*.toml\"]\n", files));
  ASSERT_EQ(parsed.config.instances.size(), 1U);
  EXPECT_EQ(parsed.config.instances[0].version, Version::V2);
}

TEST(ConfInclude, ATableMayBeSplit) {
  const Files files{
      {"a.toml", "[haproxy]\nhang_timeout = \"1s\"\n[haproxy.reload]\nwatch = true\n"},
      {"b.toml", "[haproxy.reload]\ngenerations = 3\n"}};
  const auto parsed =
      std::get<Parsed>(parse_with(including("\"?.toml\"", "[haproxy]\nmode = \"none\"\n"), files));
  EXPECT_EQ(parsed.config.haproxy.mode, HaproxyMode::None);
  EXPECT_EQ(parsed.config.haproxy.hang_timeout, std::chrono::seconds(1));
  EXPECT_TRUE(parsed.config.haproxy.reload.watch);
  EXPECT_EQ(parsed.config.haproxy.reload.generations, 3U);
}

TEST(ConfInclude, AKeySetTwiceIsNamedWithBothPlaces) {
  const Files files{{"conf.d/b.toml", "[haproxy]\nmode = \"none\"\n[log]\nlevel = \"info\"\n"},
                    {"conf.d/c.toml", "[haproxy]\n  mode = \"none\"\n"}};
  EXPECT_EQ(problems_with(including("\"conf.d/*.toml\"", "[log]\nlevel = \"debug\"\n"), files),
            (Lines{"conf.d/b.toml:4:1: error: log.level: set twice, first in f.toml:8",
                   "conf.d/c.toml:2:3: error: haproxy.mode: set twice, first in conf.d/b.toml:2"}));
}

TEST(ConfInclude, ArraysInBracketsAreNotAppended) {
  const Files files{{"a.toml", "[haproxy]\nconfig = [\"/b.cfg\"]\n"}};
  EXPECT_EQ(problems_with(including("\"a.toml\"", "[haproxy]\nconfig = [\"/a.cfg\"]\n"), files),
            Lines{"a.toml:2:1: error: haproxy.config: set twice, first in f.toml:8"});
}

TEST(ConfInclude, TablesOfAnotherShapeAreNamedWithBothPlaces) {
  const Files files{{"a.toml", "[check]\nname = \"web\"\n"},
                    {"b.toml", "log = \"info\"\n"},
                    {"c.toml", "[[vrrp]]\n"}};
  const std::string check =
      "[[check]]\nname = \"up\"\ntype = \"interface\"\ninterface = \"etx2\"\n";
  EXPECT_EQ(problems_with(including("\"?.toml\"", check + "[log]\nlevel = \"info\"\n"), files),
            (Lines{"a.toml:1:2: error: check: a table here, but an array of tables in f.toml:7",
                   "b.toml:1:1: error: log: a value here, but a table in f.toml:11",
                   "c.toml:1:3: error: vrrp: an array of tables here, but a table in f.toml:2"}));
}

TEST(ConfInclude, ProblemsComeInTheOrderOfReadingAndNameTheirFile) {
  const Files files{{"z.toml", "[log]\nlevel = \"loud\"\n"},
                    {"a.toml", "[process]\nrealtime_priority = 100\nprio = 1\n"}};
  EXPECT_EQ(
      problems_with(including(R"("z.toml", "a.toml")", "priority = 0\n"), files),
      (Lines{"f.toml:7:12: error: vrrp.instance.priority: expected an integer from 1 to 255, got 0",
             "z.toml:2:9: error: log.level: expected one of \"debug\", \"info\", \"warning\", "
             "\"error\", got \"loud\"",
             "a.toml:2:21: error: process.realtime_priority: expected an integer from 0 to 99, "
             "got 100",
             "a.toml:3:1: error: process: unknown key \"prio\""}));
}

TEST(ConfInclude, WhatIsUniqueIsUniqueInAllFiles) {
  const Files files{{"a.toml", instance("edge", 51)}};
  EXPECT_EQ(
      problems_with(including("\"a.toml\""), files),
      (Lines{"a.toml:2:8: error: vrrp.instance.name: \"edge\" is also the instance of "
             "f.toml:3",
             "a.toml:4:21: error: vrrp.instance.virtual_router_id: 51 on \"etx2\" is also the "
             "ipv4 virtual router of f.toml:5"}));
}

TEST(ConfInclude, PlacesKnowTheirFile) {
  const Files files{{"a.toml", instance("a", 3) + "[haproxy.reload]\nwatch = true\n"}};
  const auto parsed = std::get<Parsed>(parse_with(including("\"a.toml\""), files));
  EXPECT_EQ(parsed.places.of_instance("edge", "name").to_string(), "f.toml:3");
  EXPECT_EQ(parsed.places.of_instance("a", "virtual_router_id").to_string(), "a.toml:4");
  EXPECT_EQ(parsed.places.of_setting("haproxy.reload", "watch").to_string(), "a.toml:7");
  EXPECT_EQ(parsed.places.of_setting("control", "socket").to_string(), "f.toml");
  EXPECT_EQ(parsed.places.file(), "f.toml");
}

TEST(ConfInclude, ASyntaxErrorHidesOnlyWhatMayStandBehindIt) {
  const Files files{{"a.toml", "[check\n"}, {"b.toml", "[log]\nlevel = 1 2\n"}};
  const auto lines =
      problems_with(including(R"("a.toml", "b.toml")", "checks = [\"web\"]\n"), files);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_TRUE(lines[0].starts_with("a.toml:1:7: error: syntax error: ")) << lines[0];
  EXPECT_TRUE(lines[1].starts_with("b.toml:2:11: error: syntax error: ")) << lines[1];
}

TEST(ConfInclude, ASyntaxErrorNeverShowsAPassword) {
  const Files files{{"a.toml", "a = 1\npassword = 12345678901234567890\n"}};
  EXPECT_EQ(problems_with(including("\"a.toml\""), files),
            Lines{"a.toml:2:32: error: syntax error in a line with a password"});
}

TEST(ConfInclude, APatternMayMatchNothingButAFileMustBeThere) {
  EXPECT_EQ(problems_with(including(R"("conf.d/*.toml", "[ab].toml")"), {}), Lines{});
  EXPECT_EQ(problems_with(including("\n \"a.toml\", \"b.toml\""), {}),
            (Lines{"f.toml:2:2: error: include: cannot read \"a.toml\": No such file or directory",
                   "f.toml:2:12: error: include: cannot read \"b.toml\": No such file or "
                   "directory"}));
}

TEST(ConfInclude, AnIncludedFileCannotInclude) {
  const Files files{{"a.toml", "\ninclude = [\"b.toml\"]\n"}, {"b.toml", ""}};
  EXPECT_EQ(problems_with(including("\"a.toml\""), files),
            Lines{"a.toml:2:1: error: include: an included file cannot include others"});
}

TEST(ConfInclude, NoFileIsReadTwice) {
  const Files files{{"conf.d/a.toml", ""}};
  EXPECT_EQ(problems_with(including(R"("conf.d/*.toml", "./conf.d/a.toml", "f.toml")"), files),
            (Lines{"f.toml:1:29: error: include: \"./conf.d/a.toml\" is read already",
                   "f.toml:1:48: error: include: \"f.toml\" is read already"}));
}

TEST(ConfInclude, EntriesArePathsInAnArray) {
  EXPECT_EQ(problems("include = \"a.toml\"\n" + instance_with("")),
            Lines{"f.toml:1:11: error: include: expected an array, got string \"a.toml\""});
  EXPECT_EQ(problems(including(R"(1, "", "a\u0000b")")),
            (Lines{"f.toml:1:12: error: include: expected a file or a pattern, got integer 1",
                   "f.toml:1:15: error: include: expected a file or a pattern, got \"\"",
                   "f.toml:1:19: error: include: expected a file or a pattern, got \"a\\x00b\""}));
  EXPECT_EQ(problems(including("")), Lines{});
}

TEST(ConfInclude, ATextAloneReadsNoFiles) {
  EXPECT_EQ(
      problems(including(R"("/etc/*", "/etc/passwd")")),
      Lines{"f.toml:1:22: error: include: cannot read \"/etc/passwd\": no file is read here"});
}

TEST(ConfInclude, TheNumberOfFilesIsBounded) {
  Files files;
  for (int i = 0; i < 255; ++i) {
    files.emplace("conf.d/" + std::to_string(i), "");
  }
  EXPECT_EQ(problems_with(including("\"conf.d/*\""), files), Lines{});
  files.emplace("conf.d/255", "");
  EXPECT_EQ(problems_with(including("\"conf.d/*\""), files),
            Lines{"f.toml:1:12: error: include: with \"conf.d/*\" there are more than 256 files"});
}

TEST(ConfInclude, TheSizeOfAllFilesIsBounded) {
  const std::string half(1U << 19U, '\n');
  const Files files{{"a.toml", half}, {"b.toml", half}, {"c.toml", half}};
  EXPECT_EQ(problems_with(including("\"?.toml\""), files),
            Lines{"f.toml:1:12: error: include: with \"b.toml\" all files together are larger than "
                  "1048576 bytes"});
}

TEST(ConfInclude, TablesDeeperThanAnySettingAreNotJoined) {
  std::string key = "a";
  for (int i = 0; i < 9'000; ++i) {
    key += ".a";
  }
  const Files files{{"a.toml", key + " = 1\n"}, {"b.toml", key + " = 2\n"}};
  const auto lines = problems_with(including("\"?.toml\""), files);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0], "a.toml:1:1: error: unknown key \"a\"");
  EXPECT_EQ(lines[1], "b.toml:1:15: error: a.a.a.a.a.a.a.a: set twice, first in a.toml:1");
}

class ConfIncludeOnDisk : public ::testing::Test {
 protected:
  ConfIncludeOnDisk() {
    // The directory of the file is a name and no pattern.
    std::string pattern = ::testing::TempDir() + "/haguard-[include]*-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    std::filesystem::create_directory(directory_ / "conf.d");
  }
  ~ConfIncludeOnDisk() override { std::filesystem::remove_all(directory_); }
  ConfIncludeOnDisk(const ConfIncludeOnDisk&) = delete;
  ConfIncludeOnDisk& operator=(const ConfIncludeOnDisk&) = delete;

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(directory_ / name) << text;
  }
  [[nodiscard]] ParseResult load_it() const { return load(path("haguard.toml"), "host-1"); }
  [[nodiscard]] std::string path(const std::string& name) const { return directory_ / name; }

  std::filesystem::path directory_;
};

TEST_F(ConfIncludeOnDisk, PatternsBeginAtTheDirectoryOfTheFile) {
  write("haguard.toml", including("\"conf.d/*.toml\""));
  write("conf.d/b.toml", instance("b", 2));
  write("conf.d/a.toml", instance("a", 1));
  write("conf.d/a.toml.bak", "no TOML");
  const auto result = load_it();
  ASSERT_TRUE(std::holds_alternative<Parsed>(result));
  const auto& instances = std::get<Parsed>(result).config.instances;
  ASSERT_EQ(instances.size(), 3U);
  EXPECT_EQ(instances[1].name + instances[2].name, "ab");
}

TEST_F(ConfIncludeOnDisk, AnAbsolutePatternIsTakenAsItIs) {
  std::string elsewhere = ::testing::TempDir() + "/haguard-include-XXXXXX";
  const std::filesystem::path other = ::mkdtemp(elsewhere.data());
  std::ofstream(other / "a.toml") << instance("a", 1);
  write("haguard.toml", including("\"" + other.string() + "/*.toml\""));
  const auto result = load_it();
  std::filesystem::remove_all(other);
  ASSERT_TRUE(std::holds_alternative<Parsed>(result));
  EXPECT_EQ(std::get<Parsed>(result).config.instances.size(), 2U);
}

TEST_F(ConfIncludeOnDisk, ADirectoryThatIsNotThereHasNoFiles) {
  write("haguard.toml", including("\"nowhere/*.toml\""));
  EXPECT_TRUE(std::holds_alternative<Parsed>(load_it()));
}

TEST_F(ConfIncludeOnDisk, WhatIsNoFileIsAnError) {
  write("haguard.toml", including("\"conf.d\", \"gone.toml\""));
  EXPECT_EQ(lines_of(std::get<Problems>(load_it())),
            (Lines{path("haguard.toml") + ":1:12: error: include: cannot read \"" + path("conf.d") +
                       "\": not a regular file",
                   path("haguard.toml") + ":1:22: error: include: cannot read \"" +
                       path("gone.toml") + "\": No such file or directory"}));
}

TEST_F(ConfIncludeOnDisk, SecretFilesAreRelativeToTheFileThatNamesThem) {
  write("haguard.toml", including("\"conf.d/a.toml\""));
  write("conf.d/a.toml", instance("a", 1) +
                             "version = 2\nauthentication = { type = \"pass\", "
                             "password_file = \"secret\" }\n");
  write("conf.d/secret", "swordfsh\n");
  std::filesystem::permissions(path("conf.d/secret"), std::filesystem::perms::owner_read);
  const auto result = load_it();
  ASSERT_TRUE(std::holds_alternative<Parsed>(result));
  EXPECT_EQ(std::get<Parsed>(result).config.instances[1].password, "swordfsh");
}

}  // namespace
}  // namespace haguard::conf::testing
