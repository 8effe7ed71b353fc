#include "proxy-bridge/reload_record.h"

#include <algorithm>
#include <chrono>

#include <nlohmann/json.hpp>

namespace haguard::proxy {
namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;

constexpr std::array kOrigins{Origin::Operator, Origin::Watch, Origin::Rollback, Origin::Other};

std::int64_t to_number(WallClock at) {
  return std::chrono::duration_cast<milliseconds>(at.time_since_epoch()).count();
}

WallClock to_time(const Json& number) {
  return WallClock(milliseconds(number.get<std::int64_t>()));
}

template <typename Names, typename Value>
Value named(const Names& all, const Json& name, Value otherwise) {
  const auto found = std::ranges::find_if(
      all, [&](const auto& value) { return to_string(value) == name.get<std::string>(); });
  return found == all.end() ? otherwise : *found;
}

Json to_json(const Order& order) {
  return {{"origin", to_string(order.origin)},
          {"at", to_number(order.at)},
          {"digest", order.digest},
          {"master_pid", order.before.master_pid},
          {"worker_pid", order.before.worker_pid},
          {"reloads", order.before.reloads},
          {"open_frontends", order.before.open_frontends}};
}

Order order_of(const Json& json) {
  return {named(kOrigins, json.at("origin"), Origin::Operator),
          to_time(json.at("at")),
          json.at("digest"),
          {json.at("master_pid"), json.at("worker_pid"), json.at("reloads"),
           json.at("open_frontends").get<std::vector<std::string>>()}};
}

Json to_json(const ReloadRecord& record) {
  Json steps = Json::array();
  for (const Step& step : record.steps) {
    steps.push_back({{"name", step.name},
                     {"ok", step.ok},
                     {"took_us", step.took.count()},
                     {"detail", step.detail}});
  }
  return {{"origin", to_string(record.origin)},
          {"result", to_string(record.result)},
          {"at", to_number(record.at)},
          {"took_us", record.took.count()},
          {"detail", record.detail},
          {"digest", record.digest},
          {"steps", std::move(steps)}};
}

ReloadRecord record_of(const Json& json) {
  ReloadRecord record{named(kOrigins, json.at("origin"), Origin::Other),
                      named(kResults, json.at("result"), Result::Failed),
                      to_time(json.at("at")),
                      Duration(json.at("took_us").get<Duration::rep>()),
                      json.at("detail"),
                      json.at("digest"),
                      {}};
  for (const Json& step : json.at("steps")) {
    record.steps.push_back({step.at("name"), step.at("ok"),
                            Duration(step.at("took_us").get<Duration::rep>()), step.at("detail")});
  }
  return record;
}

}  // namespace

std::string_view to_string(Origin origin) {
  switch (origin) {
    case Origin::Operator:
      return "operator";
    case Origin::Watch:
      return "watch";
    case Origin::Rollback:
      return "rollback";
    case Origin::Other:
      return "other";
  }
  return "unknown";
}

std::string_view to_string(Result result) {
  switch (result) {
    case Result::Ok:
      return "ok";
    case Result::Refused:
      return "refused";
    case Result::Failed:
      return "failed";
    case Result::Stuck:
      return "stuck";
  }
  return "unknown";
}

std::string to_text(const ReloadJournal& journal) {
  Json json{{"running",
             {{"digest", journal.running.digest},
              {"worker_pid", journal.running.worker_pid},
              {"worker_started", journal.running.worker_started}}},
            {"history", Json::array()}};
  if (journal.order) {
    json["order"] = to_json(*journal.order);
  }
  for (const ReloadRecord& record : journal.history) {
    json["history"].push_back(to_json(record));
  }
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<ReloadJournal> parse_reload_journal(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  ReloadJournal journal;
  try {
    const Json& running = json.at("running");
    journal.running = {running.at("digest"), running.at("worker_pid"),
                       running.at("worker_started")};
    if (json.contains("order")) {
      journal.order = order_of(json.at("order"));
    }
    for (const Json& record : json.at("history")) {
      if (journal.history.size() < ReloadJournal::kLongestHistory) {
        journal.history.push_back(record_of(record));
      }
    }
  } catch (const Json::exception&) {
    return std::nullopt;
  }
  return journal;
}

}  // namespace haguard::proxy
