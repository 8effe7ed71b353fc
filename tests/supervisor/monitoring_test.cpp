// What stands outside of the code about metrics names those of the table: docs/metrics.md all of
// them and no other, the dashboard and the alerts no other.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "supervisor/metric_table.h"

namespace haguard::supervisor {
namespace {

using Json = nlohmann::json;

std::string file(const std::string& path) {
  std::ifstream in(HAGUARD_SOURCE_DIR "/" + path);
  EXPECT_TRUE(in.good()) << path;
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string name_of(MetricType type) {
  return type == MetricType::Counter ? "counter"
         : type == MetricType::Gauge ? "gauge"
                                     : "histogram";
}

/// "gauge `instance` `family`"
std::string shape(const MetricRow& row) {
  std::string text = name_of(row.type);
  for (const char* label : row.labels) {
    text += label == nullptr ? "" : " `" + std::string(label) + "`";
  }
  return text;
}

TEST(MetricsDocument, HasEachMetricWithTypeAndLabelsAndNoOther) {
  std::map<std::string, std::string> documented;
  std::istringstream page(file("docs/metrics.md"));
  const std::regex row(R"(\| `(\w+)` \| (\w+) \| ?((?:`\w+` ?)*)\| .+ \|.*\|)");
  std::smatch match;
  for (std::string line; std::getline(page, line);) {
    if (std::regex_match(line, match, row)) {
      std::string labels = match.str(3);
      labels.erase(labels.find_last_not_of(' ') + 1);
      const bool first =
          documented.emplace(match.str(1), match.str(2) + (labels.empty() ? "" : " ") + labels)
              .second;
      EXPECT_TRUE(first) << match.str(1) << " twice";
    } else {
      EXPECT_FALSE(line.starts_with("| `")) << "not understood: " << line;
    }
  }
  std::map<std::string, std::string> table;
  for (const MetricRow& each : metric_table()) {
    table[each.name] = shape(each);
  }
  EXPECT_EQ(documented, table);
}

/// As they appear in a query.
std::set<std::string> series() {
  std::set<std::string> names;
  for (const MetricRow& row : metric_table()) {
    if (row.type != MetricType::Histogram) {
      names.insert(row.name);
      continue;
    }
    for (const char* suffix : {"_bucket", "_sum", "_count"}) {
      names.insert(std::string(row.name) + suffix);
    }
  }
  return names;
}

void expect_known(const std::string& query) {
  static const std::regex name(R"(\b(haguard|process)_\w+)");
  static const auto known = series();
  for (std::sregex_iterator at(query.begin(), query.end(), name), end; at != end; ++at) {
    EXPECT_TRUE(known.contains(at->str())) << at->str() << " in: " << query;
  }
}

/// Calls `visit` with each object that has this member.
template <typename Visit>
void each_with(const Json& json, const char* member, const Visit& visit) {
  if (json.is_object() && json.contains(member)) {
    visit(json);
  }
  for (const Json& inner : json) {
    if (inner.is_structured()) {
      each_with(inner, member, visit);
    }
  }
}

TEST(Dashboard, QueriesOnlyMetricsOfTheTable) {
  int queries = 0;
  const Json dashboard = Json::parse(file("packaging/grafana/haguard.json"));
  each_with(dashboard, "expr", [&](const Json& target) {
    ++queries;
    expect_known(target.at("expr").get<std::string>());
  });
  each_with(dashboard, "definition", [](const Json& variable) {
    expect_known(variable.at("definition").get<std::string>());
  });
  EXPECT_GE(queries, 15);
}

TEST(Dashboard, TakesItsDatasourceFromAVariable) {
  const Json dashboard = Json::parse(file("packaging/grafana/haguard.json"));
  const Json& variables = dashboard.at("templating").at("list");
  const bool offered = std::ranges::any_of(variables, [](const Json& variable) {
    return variable.at("name") == "datasource" && variable.at("type") == "datasource" &&
           variable.at("query") == "prometheus";
  });
  EXPECT_TRUE(offered);
  each_with(dashboard, "datasource", [](const Json& owner) {
    EXPECT_EQ(owner.at("datasource"), Json({{"type", "prometheus"}, {"uid", "${datasource}"}}));
  });
  // An id of the exporting Grafana would overwrite another dashboard of the importing one.
  EXPECT_TRUE(dashboard.at("id").is_null());
}

TEST(Dashboard, PanelsHaveIdsTitlesAndPlacesOfTheirOwn) {
  const Json dashboard = Json::parse(file("packaging/grafana/haguard.json"));
  std::set<int> ids;
  std::set<std::pair<int, int>> taken;
  for (const Json& panel : dashboard.at("panels")) {
    const auto title = panel.at("title").get<std::string>();
    EXPECT_FALSE(title.empty());
    EXPECT_TRUE(ids.insert(panel.at("id").get<int>()).second) << title;
    const Json& at = panel.at("gridPos");
    EXPECT_LE(at.at("x").get<int>() + at.at("w").get<int>(), 24) << title;
    for (int y = at.at("y"); y < at.at("y").get<int>() + at.at("h").get<int>(); ++y) {
      for (int x = at.at("x"); x < at.at("x").get<int>() + at.at("w").get<int>(); ++x) {
        EXPECT_TRUE(taken.emplace(x, y).second) << title << " covers another panel";
      }
    }
  }
}

TEST(Alerts, QueryOnlyMetricsOfTheTable) {
  const std::string rules = file("packaging/prometheus/haguard.rules.yml");
  expect_known(rules);
}

TEST(Alerts, NameTheirSectionAndHaveATest) {
  const std::string rules = file("packaging/prometheus/haguard.rules.yml");
  const std::string tests = file("packaging/prometheus/haguard.rules.test.yml");
  const std::regex alert(R"(- alert: (\w+))");
  int alerts = 0;
  for (std::sregex_iterator at(rules.begin(), rules.end(), alert), end; at != end; ++at) {
    ++alerts;
    const std::string name = at->str(1);
    EXPECT_NE(rules.find("runbook: docs/troubleshooting.md, section " + name + "\n"),
              std::string::npos)
        << name;
    EXPECT_NE(tests.find("alertname=\"" + name + "\""), std::string::npos) << name;
  }
  EXPECT_GE(alerts, 12);
}

}  // namespace
}  // namespace haguard::supervisor
