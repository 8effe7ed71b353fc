// Configurations that the HAProxy of this machine accepts and refuses: its management guide,
// section 3 (-c), says which exit code means what.

#include "proxy-bridge/validation.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <unistd.h>
#include <variant>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "proxy-bridge/master_pid.h"
#include "tests/proxy-bridge/real_haproxy.h"

namespace haguard::proxy {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class ValidationTest : public ::testing::Test {
 protected:
  ValidationTest() {
    std::string name = (fs::temp_directory_path() / "haguard-check-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
    settings_.config = {path("haproxy.cfg")};
  }
  ~ValidationTest() override { fs::remove_all(directory_); }

  [[nodiscard]] std::string path(const std::string& name) const { return directory_ / name; }
  void write(const std::string& text) const { std::ofstream(path("haproxy.cfg")) << text; }
  void script(const std::string& text) {
    settings_.binary = path("script");
    std::ofstream(settings_.binary) << "#!/bin/sh\n" << text << "\n";
    ::chmod(settings_.binary.c_str(), 0755);
  }

  bool run_until(const auto& condition) {
    const Instant end = boot_time() + 10s;
    while (!condition() && boot_time() < end) {
      io_.restart();
      io_.run_one_for(10ms);
    }
    return condition();
  }

  Validated validate(int master_pid = 0, Duration patience = 60s) {
    std::optional<Validated> result;
    Validation validation(
        io_, settings_, [&](const ReloadEvent& event) { result = std::get<Validated>(event); },
        patience);
    validation.start({master_pid});
    EXPECT_FALSE(result);
    EXPECT_TRUE(run_until([&] { return result.has_value(); }));
    return result.value_or(Validated{});
  }
  Validated validate_text(const std::string& text) {
    write(
        "defaults\n  mode http\n  timeout connect 1s\n  timeout client 1s\n"
        "  timeout server 1s\n" +
        text);
    return validate();
  }

  fs::path directory_;
  conf::Haproxy settings_;
  boost::asio::io_context io_;
};

TEST_F(ValidationTest, AGoodFile) {
  const Validated result = validate_text("frontend f\n  bind 127.0.0.1:8080\n");
  EXPECT_TRUE(result.ok);
  EXPECT_EQ(result.reason, "");
  EXPECT_NE(result.output.find("Configuration file is valid"), std::string::npos) << result.output;
}

TEST_F(ValidationTest, AnUnknownKeyword) {
  const Validated result = validate_text("backend b\n  bogus\n");
  EXPECT_FALSE(result.ok);
  EXPECT_TRUE(result.reason.starts_with("parsing [" + path("haproxy.cfg") +
                                        ":7] : unknown keyword 'bogus' in 'backend' section"))
      << result.reason;
  EXPECT_EQ(result.reason.find("Fatal errors"), std::string::npos) << result.reason;
  EXPECT_NE(result.output.find("Fatal errors"), std::string::npos) << result.output;
}

TEST_F(ValidationTest, TheReasonIsToldInQuietModeToo) {
  const Validated result = validate_text("global\n  quiet\n  bogus\n");
  EXPECT_FALSE(result.ok);
  EXPECT_NE(result.reason.find("unknown keyword 'bogus'"), std::string::npos) << result.reason;
}

TEST_F(ValidationTest, AMapThatIsNotThere) {
  const Validated result = validate_text(
      "frontend f\n  bind 127.0.0.1:8080\n  use_backend %[path,map(" + path("none.map") + ")]\n");
  EXPECT_FALSE(result.ok);
  EXPECT_NE(result.reason.find(path("none.map")), std::string::npos) << result.reason;
}

TEST_F(ValidationTest, ANameThatDoesNotResolve) {
  const Validated result = validate_text(
      "frontend f\n  bind 127.0.0.1:8080\n  default_backend b\n"
      "backend b\n  server one nobody.invalid:80\n");
  EXPECT_FALSE(result.ok);
  EXPECT_NE(result.reason.find("nobody.invalid"), std::string::npos) << result.reason;
}

TEST_F(ValidationTest, NoListener) {
  const Validated result = validate_text("backend b\n");
  EXPECT_FALSE(result.ok);
  EXPECT_EQ(result.reason, "no error, but HAProxy would not start: it has no listener");
}

TEST_F(ValidationTest, AnAlertAfterManyWarnings) {
  script(
      "i=0; while [ $i -lt 3000 ]; do echo '[WARNING]  (1) : config : a long line of text'; "
      "i=$((i+1)); done; echo '[ALERT]    (1) : config : the reason'; exit 1");
  const Validated result = validate();
  EXPECT_EQ(result.reason, "the reason");
  EXPECT_LT(result.output.size(), 70'000U);
}

TEST_F(ValidationTest, AProgramThatIsNotThere) {
  settings_.binary = path("none");
  EXPECT_EQ(validate().reason, "cannot run: no such file or directory");
}

TEST_F(ValidationTest, AProgramThatIsKilled) {
  script("kill -9 $$");
  EXPECT_EQ(validate().reason, "signal 9");
}

TEST_F(ValidationTest, OneThatNeverAnswersIsKilled) {
  script("echo $$ > " + path("pid") + "; exec sleep 60");
  const Validated result = validate(0, 300ms);
  EXPECT_FALSE(result.ok);
  EXPECT_EQ(result.reason, "no answer within 300ms");
  int pid = 0;
  ASSERT_TRUE(std::ifstream(path("pid")) >> pid);
  EXPECT_TRUE(run_until([&] { return !exists(pid); }));
}

TEST_F(ValidationTest, CancellingKillsAndSaysNothing) {
  script("echo $$ > " + path("pid") + "; mv " + path("pid") + " " + path("ready") +
         "; exec sleep 60");
  int events = 0;
  Validation validation(io_, settings_, [&](const ReloadEvent&) { ++events; });
  validation.start({});
  ASSERT_TRUE(run_until([&] { return fs::exists(path("ready")); }));
  int pid = 0;
  ASSERT_TRUE(std::ifstream(path("ready")) >> pid);
  validation.cancel();
  EXPECT_TRUE(run_until([&] { return !exists(pid); }));
  EXPECT_EQ(events, 0);
}

TEST_F(ValidationTest, ASecondStartIsTheOneThatIsAnswered) {
  script("if [ -e " + path("again") + " ]; then exit 0; fi; sleep 60");
  int events = 0;
  bool ok = false;
  Validation validation(io_, settings_, [&](const ReloadEvent& event) {
    ++events;
    ok = std::get<Validated>(event).ok;
  });
  validation.start({});
  std::ofstream(path("again")) << "x";
  validation.start({});
  EXPECT_TRUE(run_until([&] { return events > 0; }));
  EXPECT_EQ(events, 1);
  EXPECT_TRUE(ok);
}

TEST_F(ValidationTest, AMasterThatIsGone) {
  EXPECT_EQ(validate(0x7ffffffe).reason, "HAProxy's master 2147483646 is gone");
}

TEST_F(ValidationTest, OfARunningMaster) {
  RealHaproxy haproxy;
  haproxy.start();
  settings_.config = {"/nonexistent"};
  EXPECT_TRUE(validate(haproxy.master()).ok);
  // The check has the -S of the master, and leaves its socket alone.
  EXPECT_EQ(haproxy_behind(haproxy.settings().master_socket), haproxy.master());
  haproxy.break_configuration();
  const Validated result = validate(haproxy.master());
  EXPECT_FALSE(result.ok);
  EXPECT_NE(result.reason.find("unknown keyword 'nonsense'"), std::string::npos) << result.reason;
}

}  // namespace
}  // namespace haguard::proxy
