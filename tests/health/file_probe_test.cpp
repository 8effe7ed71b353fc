// Checks of files: what is there fails, and nothing waits for a file system that does not answer.
#include "health/file_probe.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace haguard::health {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class FileProbeTest : public testing::Test {
 protected:
  FileProbeTest() { fs::create_directory(directory_); }
  ~FileProbeTest() override { fs::remove_all(directory_); }

  [[nodiscard]] std::string path(const std::string& name) const {
    return (directory_ / name).string();
  }
  [[nodiscard]] std::string touch(const std::string& name) const {
    std::ofstream(directory_ / name) << "";
    return path(name);
  }
  std::unique_ptr<RunningProbe> start(const std::string& file) {
    return probes_->start(file, [this](Outcome outcome) { outcomes_.push_back(outcome); });
  }
  /// The thread of the probes answers by a handler, so there is always one to come.
  void run_until(std::size_t outcomes) {
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (outcomes_.size() < outcomes && std::chrono::steady_clock::now() < end) {
      io_.restart();
      io_.run_one_for(10ms);
    }
    EXPECT_EQ(outcomes_.size(), outcomes);
  }

  fs::path directory_ = fs::temp_directory_path() / fmt::format("haguard-file-probe-{}", getpid());
  boost::asio::io_context io_;
  std::vector<Outcome> outcomes_;
  std::optional<FileProbes> probes_{std::in_place, io_};
};

TEST_F(FileProbeTest, PassesWhileTheFileIsMissing) {
  const auto probe = start(path("maintenance"));
  EXPECT_TRUE(outcomes_.empty()) << "never from within start()";
  run_until(1);
  EXPECT_TRUE(outcomes_.at(0).passed) << outcomes_[0].detail;
  EXPECT_EQ(outcomes_[0].detail, "");
}

TEST_F(FileProbeTest, FailsWhileTheFileExists) {
  const std::string file = touch("maintenance");
  const auto probe = start(file);
  run_until(1);
  EXPECT_FALSE(outcomes_.at(0).passed);
  EXPECT_EQ(outcomes_[0].detail, file + " exists");
}

TEST_F(FileProbeTest, ALinkToNothingExists) {
  fs::create_symlink("nowhere", path("maintenance"));
  EXPECT_EQ(look_up(path("maintenance")).detail, path("maintenance") + " exists");
}

TEST_F(FileProbeTest, WithoutItsDirectoryNothingIsKnown) {
  const Outcome outcome = look_up(path("gone/maintenance"));
  EXPECT_FALSE(outcome.passed);
  EXPECT_EQ(outcome.detail, "directory " + path("gone") + ": no such file or directory");
}

TEST_F(FileProbeTest, WhatCannotBeLookedAtFails) {
  const std::string plain = touch("plain");
  EXPECT_EQ(look_up(plain + "/maintenance").detail, plain + "/maintenance: not a directory");
  fs::create_symlink("loop", path("loop"));
  EXPECT_EQ(look_up(path("loop/maintenance")).detail,
            path("loop/maintenance") + ": too many levels of symbolic links");
  EXPECT_FALSE(look_up(path(std::string(300, 'a'))).passed);
}

TEST_F(FileProbeTest, ManyAreAnsweredEachForItself) {
  const auto there = start(touch("there"));
  const auto missing = start(path("missing"));
  run_until(2);
  EXPECT_FALSE(outcomes_.at(0).passed);
  EXPECT_TRUE(outcomes_.at(1).passed);
}

TEST_F(FileProbeTest, TellsNothingAfterItIsGone) {
  auto gone = start(path("a"));
  const auto stays = start(touch("b"));
  gone.reset();
  run_until(1);
  EXPECT_EQ(outcomes_.at(0).detail, path("b") + " exists");
  io_.restart();
  io_.run_for(10ms);
  EXPECT_EQ(outcomes_.size(), 1U);
}

TEST_F(FileProbeTest, MayBeDestroyedWhileItLooks) {
  const auto probe = start(path("a"));
  probes_.reset();
  io_.run_for(10ms);
  EXPECT_LE(outcomes_.size(), 1U);
}

}  // namespace
}  // namespace haguard::health
