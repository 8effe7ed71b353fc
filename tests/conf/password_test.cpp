// Authentication of version 2. The secret of these tests is "hGoVjTjSYQq3Epm" or "swordfsh"; no
// problem may show it.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include "tests/conf/expect.h"

namespace haguard::conf::testing {
namespace {

using std::filesystem::perms;

std::string with_authentication(std::string_view authentication) {
  return instance_with("version = 2\nauthentication = " + std::string(authentication) + "\n");
}

TEST(ConfPassword, IsRead) {
  EXPECT_EQ(valid(with_authentication(R"({ type = "pass", password = "swordfsh" })"))
                .instances.at(0)
                .password,
            "swordfsh");
}

TEST(ConfPassword, IsCutToWhatGoesOnTheWire) {
  const std::string text =
      with_authentication(R"({ type = "pass", password = "hGoVjTjSYQq3Epm" })");
  EXPECT_EQ(valid(text).instances.at(0).password, "hGoVjTjS");
  EXPECT_EQ(problems(text),
            Lines{"f.toml:7:46: warning: vrrp.instance.authentication.password: only the first 8 "
                  "bytes of the password go on the wire"});
}

TEST(ConfPassword, BelongsToVersion2) {
  EXPECT_EQ(
      problems(instance_with("authentication = { type = \"pass\", password = \"swordfsh\" }\n")),
      Lines{"f.toml:6:18: error: vrrp.instance.authentication: only version 2 has it; version 3 "
            "does without"});
}

TEST(ConfPassword, TheOnlyTypeIsPass) {
  EXPECT_EQ(
      problems(with_authentication(R"({ type = "ah", password = "swordfsh" })")),
      Lines{
          "f.toml:7:27: error: vrrp.instance.authentication.type: expected \"pass\", got \"ah\""});
  EXPECT_EQ(problems(with_authentication(R"({ password = "swordfsh" })")),
            Lines{"f.toml:7:18: error: vrrp.instance.authentication: \"type\" is missing"});
}

TEST(ConfPassword, IsGivenExactlyOnce) {
  EXPECT_EQ(problems(with_authentication(R"({ type = "pass" })")),
            Lines{"f.toml:7:18: error: vrrp.instance.authentication: \"password\" is missing"});
  EXPECT_EQ(problems(with_authentication(
                R"({ type = "pass", password = "swordfsh", password_file = "secret" })")),
            Lines{"f.toml:7:74: error: vrrp.instance.authentication.password_file: \"password\" is "
                  "given as well, expected only one of them"});
  EXPECT_EQ(problems(with_authentication(R"({ type = "pass", password = "" })")),
            Lines{"f.toml:7:46: error: vrrp.instance.authentication.password: the password is "
                  "empty"});
}

TEST(ConfPassword, StaysUnseenWhenItIsMisplaced) {
  EXPECT_EQ(problems(with_authentication("\"swordfsh\"")),
            Lines{"f.toml:7:18: error: vrrp.instance.authentication: expected a table, got "
                  "string"});
  EXPECT_EQ(problems(with_authentication("{ type = \"pass\", password = 12345678 }")),
            Lines{"f.toml:7:46: error: vrrp.instance.authentication.password: expected a string, "
                  "got integer"});
  EXPECT_EQ(problems(with_authentication(
                "{ type = \"pass\", password = \"a\", passwor = \"swordfsh\" }")),
            Lines{"f.toml:7:51: error: vrrp.instance.authentication: unknown key \"passwor\", did "
                  "you mean \"password\"?"});
}

class ConfPasswordFile : public ::testing::Test {
 protected:
  ConfPasswordFile() {
    std::string pattern = ::testing::TempDir() + "/haguard-password-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
  }
  ~ConfPasswordFile() override { std::filesystem::remove_all(directory_); }
  ConfPasswordFile(const ConfPasswordFile&) = delete;
  ConfPasswordFile& operator=(const ConfPasswordFile&) = delete;

  void write_secret(std::string_view content, unsigned mode = 0600) const {
    std::ofstream(directory_ / "secret") << content;
    std::filesystem::permissions(directory_ / "secret", static_cast<perms>(mode));
  }

  /// Parses a file that lies in the directory and names `secret` there.
  [[nodiscard]] ParseResult parse_here(const std::string& secret) const {
    return parse(with_authentication("{ type = \"pass\", password_file = \"" + secret + "\" }"),
                 directory_ / "f.toml", "host-1");
  }

  [[nodiscard]] std::optional<std::string> password(const std::string& secret) const {
    const auto result = parse_here(secret);
    const auto* parsed = std::get_if<Parsed>(&result);
    return parsed == nullptr ? std::nullopt : parsed->config.instances.at(0).password;
  }

  [[nodiscard]] Lines errors(const std::string& secret) const {
    return lines_of(std::get<Problems>(parse_here(secret)));
  }

  [[nodiscard]] Lines error(std::string_view message) const {
    return {(directory_ / "f.toml").string() +
            ":7:51: error: vrrp.instance.authentication.password_file: " + std::string(message)};
  }

  [[nodiscard]] std::string secret() const { return directory_ / "secret"; }

  std::filesystem::path directory_;
};

TEST_F(ConfPasswordFile, IsRelativeToTheConfiguration) {
  write_secret("swordfsh");
  EXPECT_EQ(password("secret"), "swordfsh");
  EXPECT_EQ(password(secret()), "swordfsh");
}

TEST_F(ConfPasswordFile, LosesItsNewline) {
  write_secret("sword\n");
  EXPECT_EQ(password("secret"), "sword");
  write_secret("sword\r\n");
  EXPECT_EQ(password("secret"), "sword");
  write_secret("sword\n\n");
  EXPECT_EQ(password("secret"), "sword\n");
}

/// The one who runs the tests.
std::string owner_and_group() {
  return "uid " + std::to_string(geteuid()) + ", gid " + std::to_string(getegid());
}

TEST_F(ConfPasswordFile, IsForNobodyButItsOwner) {
  write_secret("swordfsh", 0400);
  EXPECT_EQ(password("secret"), "swordfsh");
  for (const auto& [mode, shown] : {std::pair{0644U, "0644"}, {0604U, "0604"}, {0601U, "0601"}}) {
    write_secret("swordfsh", mode);
    EXPECT_EQ(
        errors("secret"),
        error("\"" + secret() + "\" belongs to " + owner_and_group() + " and has mode " + shown +
              ", so others than root can read it; chown root:root and chmod 0600 it"));
  }
}

TEST_F(ConfPasswordFile, IsNoHindranceToThoseWhoOnlyAsk) {
  write_secret("swordfsh", 0644);
  const auto result = parse(with_authentication(R"({ type = "pass", password_file = "secret" })"),
                            directory_ / "f.toml", "host-1", Purpose::Ask);
  EXPECT_EQ(std::get<Parsed>(result).warnings.size(), 1U);
}

/// Only root can make such files.
class ConfPasswordOwner : public ConfPasswordFile {
 protected:
  void SetUp() override {
    if (geteuid() != 0) {
      GTEST_SKIP() << "needs root";
    }
  }
  void give_secret(uid_t owner, gid_t group, unsigned mode) const {
    write_secret("swordfsh", mode);
    ASSERT_EQ(chown(secret().c_str(), owner, group), 0);
    std::filesystem::permissions(secret(), static_cast<perms>(mode));
  }
};

TEST_F(ConfPasswordOwner, MayHaveTheGroupOfRootAndNoOther) {
  give_secret(0, 0, 0640);
  EXPECT_EQ(password("secret"), "swordfsh");
  give_secret(0, 4711, 0600);
  EXPECT_EQ(password("secret"), "swordfsh");
  give_secret(0, 4711, 0640);
  EXPECT_EQ(errors("secret"),
            error("\"" + secret() +
                  "\" belongs to uid 0, gid 4711 and has mode 0640, so others than root can read "
                  "it; chown root:root and chmod 0600 it"));
}

TEST_F(ConfPasswordOwner, IsRootOrTheUserOfTheDaemon) {
  give_secret(4711, 0, 0600);
  EXPECT_EQ(errors("secret"),
            error("\"" + secret() +
                  "\" belongs to uid 4711, gid 0 and has mode 0600, so others than root can read "
                  "it; chown root:root and chmod 0600 it"));
}

TEST_F(ConfPasswordOwner, IsThatOfTheFileBehindALink) {
  give_secret(0, 0, 0600);
  std::filesystem::create_symlink("secret", directory_ / "link");
  ASSERT_EQ(lchown((directory_ / "link").c_str(), 4711, 4711), 0);
  EXPECT_EQ(password("link"), "swordfsh");
  give_secret(4711, 4711, 0600);
  EXPECT_FALSE(password("link"));
}

/// A password in haguard.toml itself, or in a file that it includes.
class ConfInlinePassword : public ConfPasswordFile {
 protected:
  [[nodiscard]] Lines warnings(const std::string& text, unsigned mode) const {
    std::ofstream(directory_ / "f.toml") << text;
    std::filesystem::permissions(directory_ / "f.toml", static_cast<perms>(mode));
    return lines_of(std::get<Parsed>(load(directory_ / "f.toml", "host-1")).warnings);
  }
  [[nodiscard]] static std::string exposed(const std::string& mode) {
    return "warning: vrrp.instance.authentication.password: this file belongs to " +
           owner_and_group() + " and has mode " + mode +
           ", so others than root can read the password; chown root:root and chmod 0600 it, or use "
           "password_file";
  }
};

const std::string kInline = with_authentication(R"({ type = "pass", password = "swordfsh" })");

TEST_F(ConfInlinePassword, IsWarnedOfWhereOthersCanReadIt) {
  EXPECT_EQ(warnings(kInline, 0600), Lines{});
  EXPECT_EQ(warnings(kInline, 0644),
            Lines{(directory_ / "f.toml").string() + ":7:46: " + exposed("0644")});
}

TEST_F(ConfInlinePassword, OnlyTheFileCountsInWhichItStands) {
  std::ofstream(directory_ / "more.toml") << kInline;
  std::filesystem::permissions(directory_ / "more.toml", static_cast<perms>(0600));
  const std::string including = "include = [\"more.toml\"]\n";
  EXPECT_EQ(warnings(including, 0644), Lines{});
  std::filesystem::permissions(directory_ / "more.toml", static_cast<perms>(0604));
  EXPECT_EQ(warnings(including, 0600),
            Lines{(directory_ / "more.toml").string() + ":7:46: " + exposed("0604")});
}

TEST_F(ConfInlinePassword, IsNotWarnedOfWithoutOne) {
  EXPECT_EQ(warnings(instance_with(""), 0644), Lines{});
}

TEST_F(ConfPasswordFile, MustBeThereAndBeAFile) {
  EXPECT_EQ(errors("secret"), error("cannot read \"" + secret() + "\": No such file or directory"));
  std::filesystem::create_directory(secret());
  EXPECT_EQ(errors("secret"), error("cannot read \"" + secret() + "\": not a regular file"));
}

TEST_F(ConfPasswordFile, MustNotBeEmptyOrLarge) {
  write_secret("\n");
  EXPECT_EQ(errors("secret"), error("the password is empty"));
  write_secret(std::string(4097, 'x'));
  EXPECT_EQ(errors("secret"), error("cannot read \"" + secret() + "\": larger than 4096 bytes"));
}

}  // namespace
}  // namespace haguard::conf::testing
