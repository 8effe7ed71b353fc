// The manual and the completions know every command and every option of the command line.

#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <gtest/gtest.h>

#include "packaging/manual/commands_page.h"
#include "packaging/manual/completions.h"
#include "supervisor/command_line.h"

namespace haguard::manual::testing {
namespace {

class Manual : public ::testing::Test {
 protected:
  Manual() { supervisor::add_commands(app_, asked_); }
  [[nodiscard]] CommandText program() const { return command_tree(app_); }

  CLI::App app_;
  supervisor::Invocation asked_;
};

// The commands of the contract with users.
TEST_F(Manual, HasEveryCommandOfTheContract) {
  const std::string page = commands(program());
  for (const char* name :
       {"run", "check", "status", "reload", "drain", "undrain", "proxy reload", "proxy status",
        "proxy history", "proxy rollback", "import", "release", "version"}) {
    EXPECT_NE(page.find("\\fBhaguard " + std::string(name) + "\\fR"), std::string::npos) << name;
  }
}

TEST_F(Manual, SaysHowAnArgumentIsGiven) {
  const std::string page = commands(program());
  EXPECT_NE(page.find("\\fBhaguard import\\fR \\fIFILE\\fR\n"), std::string::npos);
  EXPECT_NE(page.find("\\fBhaguard proxy rollback\\fR [\\fIN\\fR]\n"), std::string::npos);
  EXPECT_NE(page.find("\\fB\\-\\-timeout\\fR \\fIDURATION\\fR\n"), std::string::npos);
}

TEST_F(Manual, TellsWhatEveryCommandHasOnce) {
  EXPECT_EQ(commands(program()).find("\\-\\-config"), std::string::npos);
  EXPECT_NE(common_options(program()).find("/etc/haguard/haguard.toml"), std::string::npos);
}

TEST_F(Manual, ZshKnowsEachCommandWithItsOptions) {
  const std::string text = zsh_completion(program());
  EXPECT_TRUE(text.starts_with("#compdef haguard\n"));
  EXPECT_NE(text.find("\n_haguard_proxy_rollback() {\n"), std::string::npos);
  EXPECT_NE(text.find("'(--peer-config)--peer-config["), std::string::npos);
  EXPECT_NE(text.find("'1:FILE:_files'"), std::string::npos);
  EXPECT_NE(text.find("'1::N:'"), std::string::npos);
}

}  // namespace
}  // namespace haguard::manual::testing
