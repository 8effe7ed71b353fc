#include "supervisor/log.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <sys/stat.h>

#include "supervisor/printable.h"

namespace haguard::supervisor {
namespace {

constexpr std::size_t kQueueLines = 1024;
constexpr std::size_t kMaxLine = 4096;

struct Level {
  int priority;  ///< syslog(3)
  spdlog::level::level_enum spdlog;
};

/// By conf::LogLevel.
constexpr std::array<Level, 4> kLevels{{
    {7, spdlog::level::debug},
    {6, spdlog::level::info},
    {4, spdlog::level::warn},
    {3, spdlog::level::err},
}};

constexpr const Level& rank_of(conf::LogLevel level) {
  return kLevels.at(static_cast<std::size_t>(level));
}

conf::LogLevel from_spdlog(spdlog::level::level_enum level) {
  const auto found = std::ranges::find(kLevels, level, &Level::spdlog);
  return static_cast<conf::LogLevel>(std::distance(kLevels.begin(), found));
}

class LineFormatter : public spdlog::formatter {
 public:
  explicit LineFormatter(LogStyle style) : style_(style) {}

  void format(const spdlog::details::log_msg& msg, spdlog::memory_buf_t& dest) override {
    const auto time = std::chrono::floor<std::chrono::milliseconds>(msg.time);
    const auto line =
        log_line(style_, time,
                 {from_spdlog(msg.level), std::string(msg.payload.data(), msg.payload.size()),
                  msg.source.funcname});
    dest.append(line);
    dest.push_back('\n');
  }
  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<LineFormatter>(style_);
  }

 private:
  LogStyle style_;
};

using FileSink = spdlog::sinks::stdout_sink_base<spdlog::details::console_mutex>;

}  // namespace

bool is_journal(std::FILE* file, const char* journal_stream) {
  struct stat status {};
  if (journal_stream == nullptr || fstat(fileno(file), &status) != 0) {
    return false;
  }
  return journal_stream == fmt::format("{}:{}", status.st_dev, status.st_ino);
}

LogStyle log_style(conf::LogFormat format) {
  if (format == conf::LogFormat::Json) {
    return LogStyle::Json;
  }
  return is_journal(stderr, std::getenv("JOURNAL_STREAM")) ? LogStyle::Journal : LogStyle::Text;
}

std::string log_line(LogStyle style, WallTime time, const Message& message) {
  const auto text = printable(std::string_view(message.text).substr(0, kMaxLine));
  const Level& level = rank_of(message.level);
  switch (style) {
    case LogStyle::Text:
      return fmt::format("{} {} {}", to_iso8601(time), conf::to_string(message.level), text);
    case LogStyle::Journal:
      return fmt::format("<{}>{}", level.priority, text);
    case LogStyle::Json:
      return nlohmann::json({{"time", to_iso8601(time)},
                             {"level", conf::to_string(message.level)},
                             {"event", message.name},
                             {"message", text}})
          .dump();
  }
  return text;
}

class Log::Impl {
 public:
  Impl(conf::LogLevel level, LogStyle style, std::FILE* file)
      : pool_(std::make_shared<spdlog::details::thread_pool>(kQueueLines, 1)),
        logger_(std::make_shared<spdlog::async_logger>(
            "haguard", std::make_shared<FileSink>(file), pool_,
            spdlog::async_overflow_policy::overrun_oldest)) {
    change(level, style);
  }

  void change(conf::LogLevel level, LogStyle style) {
    logger_->set_formatter(std::make_unique<LineFormatter>(style));
    logger_->set_level(rank_of(level).spdlog);
  }

  ~Impl() { pool_.reset(); }  // writes what is queued, while the logger is still there
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void write(const Message& message) {
    const auto level = rank_of(message.level).spdlog;
    if (!logger_->should_log(level)) {
      return;
    }
    ++written_.at(static_cast<std::size_t>(message.level));
    // What spdlog has for the name of a function goes through its queue as a pointer: ours are
    // literals of the table.
    logger_->log(spdlog::source_loc{"", 1, message.name.data()}, level,
                 spdlog::string_view_t(message.text.data(), message.text.size()));
  }
  [[nodiscard]] LogCounts counts() const {
    LogCounts counts;
    std::ranges::copy(written_, counts.written.begin());
    counts.dropped = pool_->overrun_counter();
    return counts;
  }

 private:
  std::shared_ptr<spdlog::details::thread_pool> pool_;
  std::shared_ptr<spdlog::async_logger> logger_;
  std::array<std::atomic<std::uint64_t>, kLevels.size()> written_{};
};

Log::Log(conf::LogLevel level, LogStyle style, std::FILE* file)
    : impl_(std::make_unique<Impl>(level, style, file)) {}

Log::~Log() = default;

void Log::change(conf::LogLevel level, LogStyle style) {
  impl_->change(level, style);
}

void Log::write(const Message& message) {
  impl_->write(message);
}

LogCounts Log::counts() const {
  return impl_->counts();
}

}  // namespace haguard::supervisor
