#include "proxy-bridge/show.h"

#include <algorithm>
#include <charconv>
#include <climits>
#include <cstddef>
#include <map>
#include <system_error>
#include <utility>

namespace haguard::proxy {
namespace {

/// Real ones have some 2 kB; only `show stat` grows with the configuration.
constexpr std::size_t kMaxShortReply = std::size_t{64} * 1024;

/// Takes the text up to the next `separator` off the front of `rest`.
std::string_view next_part(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

/// The whole text as a decimal number, nothing when it is not one or too large.
template <typename Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) {
    return std::nullopt;
  }
  return value;
}

std::optional<int> process_id(std::string_view text) {
  const std::optional<int> pid = number<int>(text);
  return pid && *pid > 0 ? pid : std::nullopt;
}

/// What is kept ends up in log lines and in JSON, so only plain words may pass.
bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

/// One line of CSV; quotes enclose a field, a doubled one inside it stands for itself.
std::vector<std::string> csv_fields(std::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += '"';
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

/// Where the columns stand that are read here.
struct StatColumns {
  std::size_t name, type, status, active, backup, sessions;

  /// Of those that must be there.
  [[nodiscard]] std::size_t last() const { return std::max({name, type, status, active, backup}); }
};

std::optional<StatColumns> stat_columns(std::string_view header) {
  if (!header.starts_with("# ")) {
    return std::nullopt;
  }
  const std::vector<std::string> names = csv_fields(header.substr(2));
  const auto column = [&names](std::string_view name) {
    return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
  };
  const StatColumns columns{column("pxname"), column("type"), column("status"),
                            column("act"),    column("bck"),  column("scur")};
  return columns.last() < names.size() ? std::optional(columns) : std::nullopt;
}

/// Columns that do not apply to a row are empty.
std::optional<unsigned> count(std::string_view text) {
  return text.empty() ? 0U : number<unsigned>(text);
}

std::optional<ProxyRow> proxy_row(const std::vector<std::string>& fields,
                                  const StatColumns& columns) {
  ProxyRow row{.name = fields[columns.name],
               .frontend = fields[columns.type] == "0",
               .status = fields[columns.status]};
  const auto active = count(fields[columns.active]);
  const auto backup = count(fields[columns.backup]);
  const auto sessions =
      columns.sessions < fields.size() ? count(fields[columns.sessions]) : std::optional(0U);
  if (row.name.empty() || !is_plain(row.name) || !is_plain(row.status) || !active || !backup ||
      !sessions || *active > UINT_MAX - *backup) {
    return std::nullopt;
  }
  row.current_sessions = *sessions;
  row.usable_servers = row.frontend ? 0 : *active + *backup;
  return row;
}

/// "#<PID> <type> <reloads> …" -> column names; they may hold spaces ("<relative PID>").
std::vector<std::string_view> proc_columns(std::string_view header) {
  std::vector<std::string_view> names;
  while (!header.empty()) {
    next_part(header, '<');
    if (!header.empty()) {
      names.push_back(next_part(header, '>'));
    }
  }
  return names;
}

/// A row of `show proc`, its fields by column name. The master's has "[failed: n]" in between.
struct ProcRow {
  std::map<std::string_view, std::string_view> fields;
  std::string_view failed;

  [[nodiscard]] std::string_view operator[](std::string_view name) const {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string_view{} : found->second;
  }
};

ProcRow proc_row(std::string_view line, const std::vector<std::string_view>& columns) {
  ProcRow row;
  for (auto column = columns.begin(); column != columns.end() && !trimmed(line).empty();) {
    line = trimmed(line);
    if (line.front() == '[') {
      std::string_view note = next_part(line, ']');
      if (next_part(note, ':') == "[failed") {
        row.failed = trimmed(note);
      }
    } else {
      row.fields[*column++] = next_part(line, ' ');
    }
  }
  return row;
}

/// "1d02h03m04s"; 0 when it is anything else.
std::chrono::seconds age(std::string_view uptime) {
  std::int64_t seconds = 0;
  for (const auto& [unit, size] : {std::pair{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}}) {
    const auto count = number<unsigned>(next_part(uptime, unit));
    if (!count) {
      return {};
    }
    seconds += std::int64_t{*count} * size;
  }
  return std::chrono::seconds(seconds);
}

std::optional<Process> process(const ProcRow& row) {
  const auto pid = process_id(row["PID"]);
  const auto reloads = number<unsigned>(row["reloads"]);
  return pid && reloads ? std::optional(Process{*pid, *reloads, age(row["uptime"])}) : std::nullopt;
}

/// Files one row under the section it stands in; false when it makes no sense.
bool add_process(const ProcRow& row, std::string_view section, ProcessList& list) {
  const bool master = section.empty() && row["type"] == "master";
  const bool current = section == "# workers";
  const bool old = section == "# old workers";
  if (!master && !((current || old) && row["type"] == "worker")) {
    return true;  // programs, and whatever later versions may list
  }
  const std::optional<Process> found = process(row);
  if (!found) {
    return false;
  }
  if (master) {
    list.master = *found;
    list.failed_reloads = number<unsigned>(row.failed).value_or(0);
  } else {
    (current ? list.workers : list.old_workers).push_back(*found);
  }
  return true;
}

}  // namespace

std::optional<Info> parse_info(std::string_view text) {
  if (text.size() > kMaxShortReply) {
    return std::nullopt;
  }
  std::map<std::string_view, std::string_view> fields;
  while (!text.empty()) {
    std::string_view line = next_part(text, '\n');
    const std::string_view key = next_part(line, ':');
    fields.emplace(key, trimmed(line));
  }
  const auto pid = process_id(fields["Pid"]);
  const auto stopping = number<unsigned>(fields["Stopping"]);
  const std::string_view version = fields["Version"];
  if (!pid || !stopping || version.empty() || !is_plain(version)) {
    return std::nullopt;
  }
  return Info{.version = std::string(version),
              .pid = *pid,
              .stopping = *stopping != 0,
              .current_connections = number<unsigned>(fields["CurrConns"]).value_or(0),
              .max_connections = number<unsigned>(fields["Maxconn"]).value_or(0),
              .started = number<std::int64_t>(fields["Start_time_sec"]).value_or(0)};
}

std::optional<std::vector<ProxyRow>> parse_stat(std::string_view text) {
  const std::optional<StatColumns> columns = stat_columns(next_part(text, '\n'));
  if (!columns) {
    return std::nullopt;
  }
  std::vector<ProxyRow> rows;
  while (!text.empty()) {
    const std::string_view line = trimmed(next_part(text, '\n'));
    if (line.empty()) {
      continue;
    }
    const std::vector<std::string> fields = csv_fields(line);
    if (fields.size() <= columns->last()) {
      return std::nullopt;
    }
    // Types: 0 frontend, 1 backend, 2 server, 3 listener (management guide 9.1).
    if (fields[columns->type] != "0" && fields[columns->type] != "1") {
      continue;
    }
    std::optional<ProxyRow> row = proxy_row(fields, *columns);
    if (!row) {
      return std::nullopt;
    }
    rows.push_back(std::move(*row));
  }
  return rows;
}

std::optional<ProcessList> parse_proc(std::string_view text) {
  if (text.size() > kMaxShortReply) {
    return std::nullopt;
  }
  const std::vector<std::string_view> columns = proc_columns(next_part(text, '\n'));
  ProcessList list;
  std::string_view section;
  while (!text.empty()) {
    const std::string_view line = trimmed(next_part(text, '\n'));
    if (line.starts_with('#')) {
      section = line;
    } else if (!add_process(proc_row(line, columns), section, list)) {
      return std::nullopt;
    }
  }
  return list.master.pid > 0 ? std::optional(std::move(list)) : std::nullopt;
}

}  // namespace haguard::proxy
