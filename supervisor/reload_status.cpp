#include "supervisor/reload_status.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "supervisor/printable.h"

namespace haguard::supervisor {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kShortDigest = 12;

std::string iso(proxy::WallClock at) {
  return to_iso8601(std::chrono::time_point_cast<std::chrono::milliseconds>(at));
}

double to_milliseconds(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

Json to_json(const proxy::ReloadRecord& record) {
  return {{"time", iso(record.at)},
          {"by", proxy::to_string(record.origin)},
          {"result", proxy::to_string(record.result)},
          {"took_ms", to_milliseconds(record.took)},
          {"detail", record.detail},
          {"digest", record.digest},
          {"steps", json_of(record.steps)}};
}

Json to_json(const proxy::Generation& generation) {
  return {{"generation", generation.id},
          {"time", iso(generation.kept_at)},
          {"digest", generation.digest},
          {"version", generation.version},
          {"files", generation.files}};
}

std::string text(const Json& object, const char* key) {
  return printable(object.at(key).get<std::string>());
}

std::string when(const Json& object) {
  std::string clock = text(object, "time").substr(0, 19);
  if (clock.size() > 10) {
    clock[10] = ' ';
  }
  return clock;
}

std::string record_line(const Json& record) {
  return fmt::format("  {}  {:<8} {:<9} {:>9.1f} ms  {}\n", when(record), text(record, "result"),
                     text(record, "by"), record.at("took_ms").get<double>(),
                     text(record, "detail"));
}

}  // namespace

nlohmann::json json_of(const std::vector<proxy::Step>& steps) {
  nlohmann::json list = nlohmann::json::array();
  for (const proxy::Step& step : steps) {
    list.push_back({{"step", step.name},
                    {"ok", step.ok},
                    {"took_ms", to_milliseconds(step.took)},
                    {"detail", step.detail}});
  }
  return list;
}

std::string to_iso8601(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

nlohmann::json to_json(const ReloadStatus& reloads) {
  Json json{{"config_in_sync", nullptr},    {"config_detail", reloads.out_of_sync_why},
            {"reload_step", reloads.step},  {"on_probation", reloads.on_probation},
            {"last_reload", nullptr},       {"reloads", Json::array()},
            {"generations", Json::array()}, {"running_generation", reloads.running_generation}};
  if (reloads.in_sync) {
    json["config_in_sync"] = *reloads.in_sync;
  }
  for (const proxy::ReloadRecord& record : reloads.history) {
    json["reloads"].push_back(to_json(record));
  }
  if (!json["reloads"].empty()) {
    json["last_reload"] = json["reloads"].back();
  }
  for (const proxy::Generation& generation : reloads.generations) {
    json["generations"].push_back(to_json(generation));
  }
  return json;
}

std::string reload_lines(const Json& haproxy) {
  std::string out;
  if (haproxy.at("config_in_sync") == false) {
    out += fmt::format("  files on disk: {}\n", text(haproxy, "config_detail"));
  }
  if (const auto step = text(haproxy, "reload_step"); !step.empty()) {
    out += fmt::format("  reload under way: {}\n", step);
  }
  if (const Json& last = haproxy.at("last_reload"); !last.is_null()) {
    out += fmt::format("  last reload {} UTC by {}: {} ({}){}\n", when(last), text(last, "by"),
                       text(last, "result"), text(last, "detail"),
                       haproxy.at("on_probation") == true ? ", on probation" : "");
  }
  return out;
}

std::string history_text(const Json& haproxy) {
  std::string out = "generations (good files that are kept; * runs)\n";
  const auto running = haproxy.at("running_generation").get<unsigned>();
  for (const Json& generation : haproxy.at("generations")) {
    const auto id = generation.at("generation").get<unsigned>();
    const auto files = generation.at("files").get<std::size_t>();
    out += fmt::format("{} {:>4}  {}  {} file{}  {}  HAProxy {}\n", id == running ? '*' : ' ', id,
                       when(generation), files, files == 1 ? " " : "s",
                       text(generation, "digest").substr(0, kShortDigest),
                       text(generation, "version"));
  }
  out += haproxy.at("generations").empty() ? "  none yet\n" : "";
  out += "reloads, UTC\n";
  for (const Json& record : haproxy.at("reloads")) {
    out += record_line(record);
  }
  return out + (haproxy.at("reloads").empty() ? "  none yet\n" : "");
}

}  // namespace haguard::supervisor
