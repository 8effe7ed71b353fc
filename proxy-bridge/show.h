#pragma once
// Replies of HAProxy's `show info`, `show stat` and `show proc` as values, for all versions
// from 2.5 on. Columns and fields are taken by name, unknown ones are passed over. Every byte is
// hostile.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace haguard::proxy {

/// `show info` (management guide 9.3).
struct Info {
  std::string version;
  int pid = 0;  ///< of the worker that answers
  bool stopping = false;
  unsigned current_connections = 0;
  unsigned max_connections = 0;
  std::int64_t started = 0;  ///< the worker, in seconds since 1970; 0: it does not say
};

/// One row of `show stat`: a frontend or a backend.
struct ProxyRow {
  std::string name;
  bool frontend = false;          ///< else a backend
  std::string status;             ///< OPEN, STOP, PAUSED; UP, DOWN
  unsigned usable_servers = 0;    ///< active and backup ones; backends only
  unsigned current_sessions = 0;  ///< of clients; 0 when the column is missing
};

struct Process {
  int pid = 0;
  unsigned reloads = 0;  ///< of a worker: those that it has survived
  std::chrono::seconds age{};
};

/// `show proc` of the master (management guide 9.4).
struct ProcessList {
  Process master;
  unsigned failed_reloads = 0;
  std::vector<Process> workers;
  std::vector<Process> old_workers;
};

/// Nothing when the text is not such a reply.
[[nodiscard]] std::optional<Info> parse_info(std::string_view text);
[[nodiscard]] std::optional<std::vector<ProxyRow>> parse_stat(std::string_view text);
[[nodiscard]] std::optional<ProcessList> parse_proc(std::string_view text);

}  // namespace haguard::proxy
