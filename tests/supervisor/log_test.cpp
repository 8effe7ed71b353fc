#include "supervisor/log.h"

#include <array>
#include <csignal>
#include <sstream>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

namespace haguard::supervisor {
namespace {

using conf::LogLevel;

const WallTime kNewYear =
    std::chrono::sys_days(std::chrono::year(2026) / 1 / 1) + std::chrono::milliseconds(7);

/// A file that is gone with the test.
class TemporaryFile {
 public:
  TemporaryFile() : file_(std::tmpfile()) {}
  ~TemporaryFile() { std::fclose(file_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  [[nodiscard]] std::FILE* get() const { return file_; }
  [[nodiscard]] std::vector<std::string> lines() const {
    std::rewind(file_);
    std::ostringstream text;
    for (int byte = std::fgetc(file_); byte != EOF; byte = std::fgetc(file_)) {
      text << static_cast<char>(byte);
    }
    std::vector<std::string> all;
    std::istringstream in(text.str());
    for (std::string line; std::getline(in, line);) {
      all.push_back(line);
    }
    return all;
  }

 private:
  std::FILE* file_;
};

Message message(LogLevel level, std::string text) {
  return {level, std::move(text), "state-changed"};
}

TEST(LogLine, TextHasTimeLevelAndMessage) {
  EXPECT_EQ(log_line(LogStyle::Text, kNewYear, message(LogLevel::Info, "edge/ipv4: up")),
            "2026-01-01T00:00:00.007Z info edge/ipv4: up");
  EXPECT_EQ(log_line(LogStyle::Text, kNewYear, message(LogLevel::Warning, "x")),
            "2026-01-01T00:00:00.007Z warning x");
}

TEST(LogLine, JournalHasThePriorityOfSyslog) {
  EXPECT_EQ(log_line(LogStyle::Journal, kNewYear, message(LogLevel::Error, "x")), "<3>x");
  EXPECT_EQ(log_line(LogStyle::Journal, kNewYear, message(LogLevel::Warning, "x")), "<4>x");
  EXPECT_EQ(log_line(LogStyle::Journal, kNewYear, message(LogLevel::Info, "x")), "<6>x");
  EXPECT_EQ(log_line(LogStyle::Journal, kNewYear, message(LogLevel::Debug, "x")), "<7>x");
}

TEST(LogLine, JsonIsOneObjectWhateverTheBytes) {
  const auto line = log_line(LogStyle::Json, kNewYear, message(LogLevel::Error, "a\"\n\xff\x1b"));
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json, nlohmann::json({{"time", "2026-01-01T00:00:00.007Z"},
                                  {"event", "state-changed"},
                                  {"level", "error"},
                                  {"message", "a\"\\x0a\xef\xbf\xbd\\x1b"}}));
}

TEST(LogLine, AStrangerCannotForgeALine) {
  EXPECT_EQ(log_line(LogStyle::Journal, kNewYear, message(LogLevel::Info, "check web: \n<0>panic")),
            "<6>check web: \\x0a<0>panic");
}

TEST(LogLine, LengthIsBounded) {
  EXPECT_LE(
      log_line(LogStyle::Journal, kNewYear, message(LogLevel::Info, std::string(1 << 20, 'x')))
          .size(),
      5000U);
}

TEST(Log, WritesWhatIsQueuedBeforeItEnds) {
  const TemporaryFile file;
  {
    Log log(LogLevel::Info, LogStyle::Journal, file.get());
    for (int i = 0; i < 1000; ++i) {
      log.write(MessageId::Status, fmt::format("line {}", i));
    }
    EXPECT_EQ(log.counts().dropped, 0U);
  }
  const auto lines = file.lines();
  ASSERT_EQ(lines.size(), 1000U);
  EXPECT_EQ(lines.front(), "<6>line 0");
  EXPECT_EQ(lines.back(), "<6>line 999");
}

TEST(Log, LeavesOutWhatIsBelowTheLevel) {
  const TemporaryFile file;
  {
    Log log(LogLevel::Warning, LogStyle::Journal, file.get());
    log.write(message(LogLevel::Debug, "a"));
    log.write(message(LogLevel::Info, "b"));
    log.write(message(LogLevel::Warning, "c"));
    log.write(message(LogLevel::Error, "d"));
    EXPECT_EQ(log.counts().written, (std::array<std::uint64_t, 4>{0, 0, 1, 1}));
  }
  EXPECT_EQ(file.lines(), (std::vector<std::string>{"<4>c", "<3>d"}));
}

TEST(Log, TheNameGoesThroughTheQueue) {
  const TemporaryFile file;
  {
    Log log(LogLevel::Info, LogStyle::Json, file.get());
    log.write(MessageId::HookKilled, "hook a");
    log.write(MessageId::Started, "b");
  }
  const auto lines = file.lines();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(nlohmann::json::parse(lines[0]).at("event"), "hook-killed");
  EXPECT_EQ(nlohmann::json::parse(lines[0]).at("level"), "warning");
  EXPECT_EQ(nlohmann::json::parse(lines[1]).at("event"), "started");
  EXPECT_EQ(nlohmann::json::parse(lines[1]).at("level"), "info");
}

TEST(Log, AReaderThatStallsCostsLinesAndNotTime) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  std::FILE* stalled = fdopen(ends[1], "w");
  {
    Log log(LogLevel::Info, LogStyle::Journal, stalled);
    // More than pipe and queue hold together: this returns only because nobody waits.
    for (int i = 0; i < 100000; ++i) {
      log.write(MessageId::Status, std::string(100, 'x'));
    }
    EXPECT_GT(log.counts().dropped, 0U);
    ASSERT_NE(std::signal(SIGPIPE, SIG_IGN), SIG_ERR);
    close(ends[0]);  // lets the writer go on, into the void
  }
  std::fclose(stalled);
}

TEST(Journal, IsRecognisedByDeviceAndInode) {
  const TemporaryFile file;
  struct stat status {};
  ASSERT_EQ(fstat(fileno(file.get()), &status), 0);
  const auto here = fmt::format("{}:{}", status.st_dev, status.st_ino);
  const auto elsewhere = fmt::format("{}:{}", status.st_dev, status.st_ino + 1);
  EXPECT_TRUE(is_journal(file.get(), here.c_str()));
  EXPECT_FALSE(is_journal(file.get(), elsewhere.c_str()));
  EXPECT_FALSE(is_journal(file.get(), nullptr));
  EXPECT_FALSE(is_journal(file.get(), ""));
}

}  // namespace
}  // namespace haguard::supervisor
