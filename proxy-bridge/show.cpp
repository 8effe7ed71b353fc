#include "proxy-bridge/show.h"

#include <algorithm>
#include <array>
#include <bitset>
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

/// Of lines "name: value", the value of the first with each name; empty when there is none.
template <std::size_t kCount>
std::array<std::string_view, kCount> first_values(
    std::string_view text, const std::array<std::string_view, kCount>& names) {
  std::array<std::string_view, kCount> values{};
  std::bitset<kCount> found;
  while (!text.empty()) {
    std::string_view line = next_part(text, '\n');
    const auto name = std::ranges::find(names, next_part(line, ':'));
    const auto place = static_cast<std::size_t>(name - names.begin());
    if (name != names.end() && !found[place]) {
      found.set(place);
      values[place] = trimmed(line);
    }
  }
  return values;
}

/// The fields of one line of CSV, as they stand there: a comma between quotes is part of a field.
void split_csv(std::string_view line, std::vector<std::string_view>& fields) {
  fields.clear();
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') {
      quoted = !quoted;
    } else if (line[i] == ',' && !quoted) {
      fields.push_back(line.substr(begin, i - begin));
      begin = i + 1;
    }
  }
  fields.push_back(line.substr(begin));
}

/// Quotes enclose a field, a doubled one inside it stands for itself.
std::string unquoted(std::string_view field) {
  std::string text;
  bool quoted = false;
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] != '"') {
      text += field[i];
    } else if (quoted && i + 1 < field.size() && field[i + 1] == '"') {
      text += '"';
      ++i;
    } else {
      quoted = !quoted;
    }
  }
  return text;
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
  std::vector<std::string_view> names;
  split_csv(header.substr(2), names);
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

std::optional<ProxyRow> proxy_row(const std::vector<std::string_view>& fields,
                                  const StatColumns& columns) {
  ProxyRow row{.name = unquoted(fields[columns.name]),
               .frontend = unquoted(fields[columns.type]) == "0",
               .status = unquoted(fields[columns.status])};
  const auto active = count(unquoted(fields[columns.active]));
  const auto backup = count(unquoted(fields[columns.backup]));
  const auto sessions = columns.sessions < fields.size() ? count(unquoted(fields[columns.sessions]))
                                                         : std::optional(0U);
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
  const auto [version, worker, stopping_flag, connections, most, started] = first_values<6>(
      text, {"Version", "Pid", "Stopping", "CurrConns", "Maxconn", "Start_time_sec"});
  const auto pid = process_id(worker);
  const auto stopping = number<unsigned>(stopping_flag);
  if (!pid || !stopping || version.empty() || !is_plain(version)) {
    return std::nullopt;
  }
  return Info{.version = std::string(version),
              .pid = *pid,
              .stopping = *stopping != 0,
              .current_connections = number<unsigned>(connections).value_or(0),
              .max_connections = number<unsigned>(most).value_or(0),
              .started = number<std::int64_t>(started).value_or(0)};
}

std::optional<std::vector<ProxyRow>> parse_stat(std::string_view text) {
  const std::optional<StatColumns> columns = stat_columns(next_part(text, '\n'));
  if (!columns) {
    return std::nullopt;
  }
  std::vector<ProxyRow> rows;
  std::vector<std::string_view> fields;
  while (!text.empty()) {
    const std::string_view line = trimmed(next_part(text, '\n'));
    if (line.empty()) {
      continue;
    }
    split_csv(line, fields);
    if (fields.size() <= columns->last()) {
      return std::nullopt;
    }
    // Types: 0 frontend, 1 backend, 2 server, 3 listener (management guide 9.1).
    const std::string type = unquoted(fields[columns->type]);
    if (type != "0" && type != "1") {
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
