// [[check]]: what is asked about this node's health.

#include <map>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "conf/check_types.h"
#include "conf/kinds.h"
#include "conf/sections.h"

namespace haguard::conf {
namespace {

using namespace std::chrono_literals;

/// More would outweigh every difference of priorities.
constexpr int kHeaviest = 253;

std::optional<int> check_weight(const Value& value) {
  const auto weight = integer_between(-kHeaviest, kHeaviest)(value);
  if (weight == 0) {
    value.error("0 would change nothing; leave weight out for a check whose failure means FAULT");
    return std::nullopt;
  }
  return weight;
}

void read_rhythm(Table& table, Check& check) {
  const bool timeout_set = table.read("timeout", check.timeout, duration_between(1us, 24h));
  const bool interval_set = table.read("interval", check.interval, duration_between(10ms, 24h));
  table.read("rise", check.rise, integer_between(1U, 100U));
  table.read("fall", check.fall, integer_between(1U, 100U));
  if ((timeout_set || interval_set) && check.timeout > check.interval) {
    table.find(timeout_set ? "timeout" : "interval")
        ->warning(fmt::format("the timeout of {} is longer than the interval of {}",
                              to_string(check.timeout), to_string(check.interval)));
  }
}

/// The rules of the check that is there without being named.
void check_built_in(Table& table, const Check& check, bool type_known) {
  if (type_known && check.type != CheckType::Haproxy) {
    table.find("type")->error(
        fmt::format("the check \"{}\" is the built-in one, expected \"haproxy\"", kBuiltInCheck));
  }
  if (const auto weight = table.find("weight")) {
    weight->error("the built-in check has none: its failure always means FAULT");
  }
}

class CheckReader {
 public:
  explicit CheckReader(Config& config) : config_(&config) {
    if (config.haproxy.mode != HaproxyMode::None) {
      Check built_in;
      built_in.name = kBuiltInCheck;
      built_in.type = CheckType::Haproxy;
      config.checks.push_back(std::move(built_in));
    }
  }

  void read(Table& table) {
    Check check;
    const bool named = table.require("name", check.name, name);
    const bool type_known = table.require("type", check.type, check_type);
    read_rhythm(table, check);
    std::optional<Value> subject;
    if (type_known) {
      subject = read_keys_of_type(table, check, *config_);
    } else {
      know_keys_of_all_types(table);
    }
    if (check.name == kBuiltInCheck) {
      check_built_in(table, check, type_known);
    } else {
      table.read("weight", check.weight, check_weight);
    }
    if (named && claim_name(table, check.name)) {
      if (subject) {
        subjects_.emplace(check.name, *subject);
      }
      add(std::move(check));
    }
  }

  /// Once all are read, as the built-in one may be refined last.
  void warn_of_twins() const {
    std::map<std::string, std::string> first;
    for (const Check& check : config_->checks) {
      const auto subject = subjects_.find(check.name);
      if (subject == subjects_.end() && check.name != kBuiltInCheck) {
        continue;  // refused
      }
      const auto [twin, fresh] = first.emplace(question(check), check.name);
      if (!fresh && subject != subjects_.end()) {
        subject->second.warning(fmt::format("check \"{}\" asks the same", twin->second));
      }
    }
  }

 private:
  bool claim_name(Table& table, const std::string& name) {
    const Value value = *table.find("name");
    const auto [first, fresh] = places_.emplace(name, value.place());
    if (!fresh) {
      value.error(
          fmt::format("\"{}\" is also the check of {}", name, value.name_of(first->second)));
    }
    return fresh;
  }

  void add(Check check) {
    if (check.name == kBuiltInCheck && !config_->checks.empty() &&
        config_->checks.front().name == kBuiltInCheck) {
      config_->checks.front() = std::move(check);
    } else {
      config_->checks.push_back(std::move(check));
    }
  }

  Config* config_;
  std::map<std::string, Place> places_;
  std::map<std::string, Value> subjects_;  ///< by check: the value that says what it asks
};

}  // namespace

void read_checks(Table& file, Config& config) {
  CheckReader reader(config);
  file.sections("check", [&](Table& table) { reader.read(table); });
  reader.warn_of_twins();
}

}  // namespace haguard::conf
