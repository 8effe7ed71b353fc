// The surroundings of a process, by proc(5) and by systemd.exec(5).

#include "proxy-bridge/unit_environment.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "proxy-bridge/child.h"

namespace haguard::proxy {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

class UnitEnvironment : public ::testing::Test {
 public:
  UnitEnvironment() {
    std::string name = (fs::temp_directory_path() / "haguard-unit-XXXXXX").string();
    directory = ::mkdtemp(name.data());
  }
  ~UnitEnvironment() override { fs::remove_all(directory); }
  UnitEnvironment(const UnitEnvironment&) = delete;
  UnitEnvironment& operator=(const UnitEnvironment&) = delete;

  fs::path directory;
};

TEST_F(UnitEnvironment, FilesPrevailInTheirOrder) {
  std::ofstream(directory / "one") << "A=file\nB=one\n";
  std::ofstream(directory / "two") << "B=two\n";
  const auto found = surroundings_of(UnitProperties{
      {"A=unit", "C=unit"}, {directory / "one", directory / "absent", directory / "two"}, "/srv"});
  EXPECT_EQ(found.environment, (Words{kPath, "A=file", "C=unit", "B=two"}));
  EXPECT_EQ(found.directory, "/srv");
}

TEST_F(UnitEnvironment, WithoutADirectoryItIsTheRoot) {
  EXPECT_EQ(surroundings_of(UnitProperties{}).directory, "/");
  EXPECT_EQ(surroundings_of(UnitProperties{{}, {}, "~"}).directory, "/") << "a home, not a path";
}

TEST_F(UnitEnvironment, OfAProcess) {
  boost::asio::io_context io;
  Program program{{"/bin/sh", "-c", "echo $$ > pid; mv pid ready; exec sleep 60"},
                  {"PATH=/bin", "A=two words", "HAPROXY_MWORKER_REEXEC=1", "NOTIFY_SOCKET=/run/x",
                   "HAPROXY_OWN=kept"},
                  ""};
  program.directory = directory;
  const Child child(io, program, [](const ChildEnd&) {});
  int pid = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!(std::ifstream(directory / "ready") >> pid) && std::chrono::steady_clock::now() < end) {
    io.run_for(std::chrono::milliseconds(5));
  }
  const auto found = surroundings_of(pid);
  Words environment = found.environment;
  std::erase_if(environment, [](const std::string& one) { return one.starts_with("PWD="); });
  EXPECT_EQ(environment, (Words{"PATH=/bin", "A=two words", "HAPROXY_OWN=kept"}));
  EXPECT_EQ(found.directory, directory.string());
}

TEST_F(UnitEnvironment, OfAProcessThatIsNotThere) {
  const auto found = surroundings_of(-1);
  EXPECT_EQ(found.environment, Words{kPath});
  EXPECT_EQ(found.directory, "/");
}

}  // namespace
}  // namespace haguard::proxy
