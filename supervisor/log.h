#pragma once
// The log: lines go through a bounded queue to stderr on a thread of their own. When whoever reads
// stderr stalls, the oldest lines are dropped and counted; the caller never waits.

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "conf/config.h"
#include "supervisor/status.h"

namespace haguard::supervisor {

enum class LogStyle : std::uint8_t {
  Text,     ///< "2026-01-01T00:00:00.000Z info edge/ipv4: …"
  Journal,  ///< "<6>edge/ipv4: …": journald has its own clock and reads the priority
  Json,     ///< {"level":"info","message":"edge/ipv4: …","time":"2026-01-01T00:00:00.000Z"}
};

/// Does `file` lead to the journal? systemd tells by device and inode in $JOURNAL_STREAM.
[[nodiscard]] bool is_journal(std::FILE* file, const char* journal_stream);

/// Of what goes to stderr.
[[nodiscard]] LogStyle log_style(conf::LogFormat format);

/// One line without its end. `text` may hold any bytes.
[[nodiscard]] std::string log_line(LogStyle style, conf::LogLevel level, WallTime time,
                                   std::string_view text);

class Log {
 public:
  Log(conf::LogLevel level, LogStyle style, std::FILE* file = stderr);
  /// Writes what is queued.
  ~Log();

  /// From the next line on.
  void change(conf::LogLevel level, LogStyle style);
  void write(conf::LogLevel level, std::string_view text);
  /// Lines lost because the queue was full.
  [[nodiscard]] std::uint64_t dropped() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace haguard::supervisor
