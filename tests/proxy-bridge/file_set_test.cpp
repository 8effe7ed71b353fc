// Everything that HAProxy reads at its start. What it loads of directories: configuration manual
// 5.1 "crt" and management guide 3; the digests are those of `printf … | sha256sum`.

#include "proxy-bridge/file_set.h"

#include <algorithm>
#include <chrono>

#include <sys/stat.h>

#include "tests/proxy-bridge/scratch_haproxy.h"

namespace haguard::proxy {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

class FileSetTest : public ScratchHaproxy {
 protected:
  const FileSet& look() { return surveyor.look(configuration_sources(settings, 0)); }

  Names names() {
    Names result;
    for (const std::string& file : look().survey.files) {
      result.push_back(fs::path(file).lexically_relative(directory));
    }
    return result;
  }

  /// A configuration that uses the file in a list.
  void use(const std::string& name) {
    write("haproxy.cfg", "frontend f\n acl a src -f " + path(name) + "\n");
  }

  FileSurveyor surveyor;
};

TEST_F(FileSetTest, HasContentOwnerAndMode) {
  write("haproxy.cfg", "global\n");
  ::chmod(path("haproxy.cfg").c_str(), 0640);
  const FileSet& set = look();
  ASSERT_EQ(set.files.size(), 1U);
  EXPECT_EQ(set.files[0].path, path("haproxy.cfg"));
  EXPECT_EQ(set.files[0].digest,
            "bde69edbbd1e37f29a7d5abb737590d929362f186c935f5fa9384ce2074acec4");
  EXPECT_EQ(set.files[0].mode, 0640U);
  EXPECT_EQ(set.files[0].uid, ::geteuid());
  EXPECT_EQ(set.survey.flaw, "");
  EXPECT_EQ(set.survey.digest.size(), 64U);
}

TEST_F(FileSetTest, HasWhatTheConfigurationNames) {
  write("a.lst", "10.0.0.1\n");
  use("a.lst");
  EXPECT_EQ(names(), (Names{"a.lst", "haproxy.cfg"}));
}

TEST_F(FileSetTest, EachChangeOfAContentChangesTheDigest) {
  write("a.lst", "10.0.0.1\n");
  use("a.lst");
  const std::string before = look().survey.digest;
  EXPECT_EQ(look().survey.digest, before);
  write("a.lst", "10.0.0.2\n");  // of the same size, maybe within the same tick of the clock
  const std::string after = look().survey.digest;
  EXPECT_NE(after, before);
  write("a.lst", "10.0.0.1\n");
  EXPECT_EQ(look().survey.digest, before);
}

TEST_F(FileSetTest, OwnerAndTimesAreNotPartOfTheDigest) {
  write("haproxy.cfg", "global\n");
  const std::string before = look().survey.digest;
  ::chmod(path("haproxy.cfg").c_str(), 0600);
  EXPECT_EQ(look().survey.digest, before);
  EXPECT_EQ(look().files[0].mode, 0600U);
}

TEST_F(FileSetTest, AMissingListIsAFlaw) {
  use("a.lst");
  EXPECT_EQ(look().survey.flaw, path("a.lst") + ": No such file or directory");
  const std::string without = look().survey.digest;
  EXPECT_NE(without, "");
  write("a.lst", "");
  EXPECT_EQ(look().survey.flaw, "");
  EXPECT_NE(look().survey.digest, without);
}

TEST_F(FileSetTest, WithoutAConfigurationThereIsNoDigest) {
  EXPECT_EQ(look().survey.digest, "");
  EXPECT_EQ(look().survey.flaw, path("haproxy.cfg") + ": No such file or directory");
  fs::create_symlink("/dev/null", path("haproxy.cfg"));
  EXPECT_EQ(look().survey.digest, "");
  EXPECT_EQ(look().survey.flaw, path("haproxy.cfg") + ": not a regular file");
}

TEST_F(FileSetTest, OfSeveralFilesOfHaproxyConfigSomeMayBeAbsent) {
  settings.config.push_back(path("other.cfg"));
  write("haproxy.cfg", "global\n");
  EXPECT_NE(look().survey.digest, "");
  EXPECT_EQ(look().survey.flaw, "");
}

TEST_F(FileSetTest, AFileMoreInADirectoryOfConfigurationIsAChange) {
  settings.config = {path("conf.d")};
  write("conf.d/a.cfg", "global\n");
  const Survey before = look().survey;
  write("conf.d/b.cfg", "defaults\n");
  write("conf.d/b.cfg~", "x");
  EXPECT_EQ(names(), (Names{"conf.d/a.cfg", "conf.d/b.cfg"}));
  EXPECT_GE(look().survey.changed_at, before.changed_at);
  fs::remove(path("conf.d/b.cfg"));
  EXPECT_EQ(look().survey.digest, before.digest);
  ASSERT_EQ(look().directories.size(), 1U);
  EXPECT_EQ(look().directories[0], (LoadedDirectory{path("conf.d"), LoadedKind::Configuration}));
}

TEST_F(FileSetTest, OfACertificateDirectoryAllThatIsNotHidden) {
  write("crt/a.pem", "a");
  write("crt/b.crt", "b");
  write("crt/b.crt.key", "k");
  write("crt/.hidden", "h");
  write("haproxy.cfg", "frontend f\n bind :443 ssl crt " + path("crt") + "\n");
  EXPECT_EQ(names(), (Names{"crt/a.pem", "crt/b.crt", "crt/b.crt.key", "haproxy.cfg"}));
}

TEST_F(FileSetTest, ACertificateHasItsKeyBesideIt) {
  write("a.pem", "a");
  write("a.pem.ocsp", "o");
  write("a.key", "k");
  write("haproxy.cfg", "frontend f\n bind :443 ssl crt " + path("a.pem") + "\n");
  EXPECT_EQ(names(), (Names{"a.key", "a.pem", "a.pem.ocsp", "haproxy.cfg"}));
  write("a.pem.key", "k");
  EXPECT_EQ(names().size(), 5U);
}

TEST_F(FileSetTest, ABundleNeedsNoFileOfItsOwnName) {
  write("a.pem.rsa", "r");
  write("haproxy.cfg", "frontend f\n bind :443 ssl crt " + path("a.pem") + "\n");
  EXPECT_EQ(names(), (Names{"a.pem.rsa", "haproxy.cfg"}));
  EXPECT_EQ(look().survey.flaw, "");
}

TEST_F(FileSetTest, ACertificateListNamesCertificates) {
  write("crt/a.pem", "a");
  write("list", "a.pem [alpn h2] example.com\nb.pem\n");
  write("haproxy.cfg", "global\n crt-base " + path("crt") +
                           "\nfrontend f\n bind :443 ssl crt-list " + path("list") + "\n");
  EXPECT_EQ(names(), (Names{"crt/a.pem", "haproxy.cfg", "list"}));
  EXPECT_EQ(look().survey.flaw, path("crt/b.pem") + ": No such file or directory");
}

TEST_F(FileSetTest, OfADirectoryOfAuthoritiesTheKnownExtensions) {
  write("ca/a.pem", "a");
  write("ca/README", "r");
  write("haproxy.cfg", "backend b\n server s :1 ssl ca-file " + path("ca") + "\n");
  EXPECT_EQ(names(), (Names{"ca/a.pem", "haproxy.cfg"}));
}

TEST_F(FileSetTest, WhatIsAsItWasIsNotReadAgain) {
  // Files of the system have not changed for long; ours just have.
  write("haproxy.cfg", "frontend f\n acl a src -f /etc/passwd -f /etc/group\n");
  static_cast<void>(look());
  EXPECT_EQ(surveyor.reads(), 3U);
  static_cast<void>(look());
  EXPECT_EQ(surveyor.reads(), 4U) << "only the one that is fresh";
}

TEST_F(FileSetTest, WithoutAChangeThereIsNoWork) {
  settings.config = {"/etc/debian_version"};
  static_cast<void>(look());
  EXPECT_TRUE(surveyor.is_settled());
  static_cast<void>(look());
  EXPECT_EQ(surveyor.passes(), 1U);
}

TEST_F(FileSetTest, TimeOfChangeIsThatOfTheKernel) {
  using namespace std::chrono_literals;
  write("haproxy.cfg", "global\n");
  // utimensat can set any mtime, but the ctime is that of the call.
  fs::last_write_time(path("haproxy.cfg"), fs::file_time_type::clock::now() - 24h);
  EXPECT_LT(std::chrono::system_clock::now() - look().survey.changed_at, 1h);
}

TEST_F(FileSetTest, LargeFilesAreNotRead) {
  write("a.lst", "");
  fs::resize_file(path("a.lst"), (64U << 20U) + 1);  // a hole, of no size on disk
  use("a.lst");
  EXPECT_EQ(look().survey.flaw, path("a.lst") + ": larger than 67108864 bytes");
  EXPECT_EQ(names(), Names{"haproxy.cfg"});
}

TEST_F(FileSetTest, APipeIsNotWaitedFor) {
  ASSERT_EQ(::mkfifo(path("a.lst").c_str(), 0600), 0);
  use("a.lst");
  EXPECT_EQ(look().survey.flaw, path("a.lst") + ": not a regular file");
}

}  // namespace
}  // namespace haguard::proxy
