// Which files HAProxy reads: its management guide, section 3 (Starting HAProxy).

#include "proxy-bridge/configuration_files.h"

#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <gtest/gtest.h>

namespace haguard::proxy {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

std::string cmdline(const Names& arguments) {
  std::string text;
  for (const std::string& argument : arguments) {
    text += argument + '\0';
  }
  return text;
}

Names files_of(const Names& arguments) {
  return files_of_command_line(cmdline(arguments));
}

TEST(ConfigurationFiles, OfDebiansUnit) {
  EXPECT_EQ(files_of({"/usr/sbin/haproxy", "-Ws", "-f", "/etc/haproxy/haproxy.cfg", "-p",
                      "/run/haproxy.pid", "-S", "/run/haproxy-master.sock"}),
            Names{"/etc/haproxy/haproxy.cfg"});
}

TEST(ConfigurationFiles, OptionsOfAReloadAreNoFiles) {
  EXPECT_EQ(files_of({"haproxy", "-sf", "10", "11", "-x", "sockpair@4", "-Ws", "-f", "/a", "-f",
                      "/b", "-st", "12"}),
            (Names{"/a", "/b"}));
}

TEST(ConfigurationFiles, ValuesAreNoOptions) {
  EXPECT_EQ(files_of({"haproxy", "-L", "-f", "-p", "-f", "-n", "5", "-f", "/a"}), Names{"/a"});
}

TEST(ConfigurationFiles, TheRestIsFiles) {
  EXPECT_EQ(files_of({"haproxy", "-D", "-f", "/a", "--", "/b", "-f"}), (Names{"/a", "/b", "-f"}));
}

TEST(ConfigurationFiles, OfAnotherDirectory) {
  EXPECT_EQ(files_of({"haproxy", "-f", "a.cfg", "-C", "/srv", "-f", "/b.cfg"}),
            (Names{"/srv/a.cfg", "/b.cfg"}));
}

TEST(ConfigurationFiles, OfNothing) {
  EXPECT_EQ(files_of({}), Names{});
  EXPECT_EQ(files_of({"haproxy"}), Names{});
}

class StoppedHaproxy : public ::testing::Test {
 public:
  StoppedHaproxy() {
    std::string name = (fs::temp_directory_path() / "haguard-files-XXXXXX").string();
    directory = ::mkdtemp(name.data());
    settings.pid_file = directory / "none.pid";
    settings.master_socket = directory / "none.sock";
  }
  ~StoppedHaproxy() override { fs::remove_all(directory); }
  StoppedHaproxy(const StoppedHaproxy&) = delete;
  StoppedHaproxy& operator=(const StoppedHaproxy&) = delete;

  void write(const std::string& name) const { std::ofstream(directory / name) << name << "\n"; }

  Names texts() const {
    Names result;
    for (const ConfigurationFile& file : read_configuration_files(settings).files) {
      result.push_back(file.text);
    }
    return result;
  }

  fs::path directory;
  conf::Haproxy settings;
};

TEST_F(StoppedHaproxy, FilesThatDoNotExistArePassedOver) {
  write("a.cfg");
  settings.config = {directory / "absent.cfg", directory / "a.cfg"};
  EXPECT_EQ(texts(), Names{"a.cfg\n"});
  EXPECT_TRUE(read_configuration_files(settings).failures.empty());
}

TEST_F(StoppedHaproxy, ADirectoryStandsForItsFilesInTheOrderOfTheCLocale) {
  for (const char* const name : {"b.cfg", "a.cfg", "B.cfg", "10.cfg", ".hidden.cfg", "c.cfg~"}) {
    write(name);
  }
  fs::create_directory(directory / "d.cfg");
  settings.config = {directory};
  EXPECT_EQ(texts(), (Names{"10.cfg\n", "B.cfg\n", "a.cfg\n", "b.cfg\n"}));
}

TEST_F(StoppedHaproxy, APidFileOfAnotherProgramIsNotHaproxys) {
  std::ofstream(settings.pid_file) << ::getpid() << "\n";
  write("a.cfg");
  settings.config = {directory / "a.cfg"};
  EXPECT_EQ(texts(), Names{"a.cfg\n"});
}

TEST_F(StoppedHaproxy, WhatCannotBeReadIsTold) {
  settings.config = {"/dev/null"};
  const auto found = read_configuration_files(settings);
  EXPECT_TRUE(found.files.empty());
  EXPECT_EQ(found.failures, Names{"/dev/null: not a regular file"});
}

}  // namespace
}  // namespace haguard::proxy
