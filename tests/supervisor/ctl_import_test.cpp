// What `haguard import` leaves in the file system, and with which exit code.

#include "supervisor/ctl_import.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "supervisor/ctl.h"

namespace haguard::supervisor {
namespace {

namespace fs = std::filesystem;

const std::string kCases = HAGUARD_SOURCE_DIR "/tests/conf/keepalived/cases/";

class Import : public ::testing::Test {
 protected:
  Import() {
    std::string name = (fs::temp_directory_path() / "haguard-import-XXXXXX").string();
    directory_ = mkdtemp(name.data());
  }
  ~Import() override { fs::remove_all(directory_); }

  [[nodiscard]] std::string output() const { return directory_ / "haguard.toml"; }
  [[nodiscard]] int import_case(const std::string& name, bool force = false) const {
    return import_configuration({kCases + name + ".conf", output(), force});
  }
  [[nodiscard]] std::string text() const {
    std::ifstream file(output());
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] unsigned mode() const {
    return static_cast<unsigned>(fs::status(output()).permissions());
  }
  [[nodiscard]] auto files() const {
    return std::distance(fs::directory_iterator(directory_), fs::directory_iterator());
  }

 private:
  fs::path directory_;
};

TEST_F(Import, KeepsAPasswordToItself) {
  EXPECT_EQ(import_case("tutorial_proxy_1"), kExitDone);
  EXPECT_EQ(mode(), 0600U);
  EXPECT_EQ(files(), 1);
}

TEST_F(Import, IsReadableForTheGroupWithoutOne) {
  EXPECT_EQ(import_case("minimal"), kExitDone);
  EXPECT_EQ(mode(), 0640U);
}

TEST_F(Import, ReplacesAFileOnlyWhenTold) {
  std::ofstream(output()) << "mine";
  EXPECT_EQ(import_case("minimal"), kExitFailed);
  EXPECT_EQ(text(), "mine");
  EXPECT_EQ(import_case("minimal", true), kExitDone);
  EXPECT_NE(text(), "mine");
  EXPECT_EQ(mode(), 0640U);
  EXPECT_EQ(files(), 1);
}

TEST_F(Import, WritesWhatIsToBeMendedAndFails) {
  EXPECT_EQ(import_case("error_no_router_id"), kExitFailed);
  EXPECT_NE(text().find("[[vrrp.instance]]"), std::string::npos);
}

TEST_F(Import, WritesNothingWithoutAnInstanceOrAFile) {
  EXPECT_EQ(import_case("error_no_instance"), kExitFailed);
  EXPECT_EQ(import_case("no_such_file"), kExitFailed);
  EXPECT_EQ(files(), 0);
}

}  // namespace
}  // namespace haguard::supervisor
