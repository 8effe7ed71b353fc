// [[check]]: what is asked about this node's health.

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "conf/addresses.h"
#include "conf/kinds.h"
#include "conf/sections.h"

namespace haguard::conf {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostProxies = 1024;
/// More would outweigh every difference of priorities.
constexpr int kHeaviest = 253;

/// Keys that only checks of one type have.
struct TypeKey {
  std::string_view key;
  std::string_view types;
};
constexpr std::array kTypeKeys{
    TypeKey{"target", "tcp"},       TypeKey{"send_proxy", "tcp"}, TypeKey{"frontends", "haproxy"},
    TypeKey{"backends", "haproxy"}, TypeKey{"url", "http"},       TypeKey{"expect_status", "http"},
    TypeKey{"host", "http"},        TypeKey{"method", "http"},    TypeKey{"interface", "interface"},
    TypeKey{"command", "exec"},     TypeKey{"user", "exec"},      TypeKey{"path", "file"},
};

constexpr std::array<std::string_view, 5> kLaterTypes{"http", "interface", "gateway", "exec",
                                                      "file"};

std::optional<CheckType> check_type(const Value& value) {
  constexpr std::string_view kExpected = "\"tcp\" or \"haproxy\"";
  const auto text = value.text(kExpected);
  if (!text) {
    return std::nullopt;
  }
  for (const CheckType type : {CheckType::Tcp, CheckType::Haproxy}) {
    if (*text == to_string(type)) {
      return type;
    }
  }
  if (std::ranges::find(kLaterTypes, *text) != kLaterTypes.end()) {
    value.error(fmt::format("\"{}\" is not supported yet, expected {}", *text, kExpected));
  } else {
    value.refuse(kExpected);
  }
  return std::nullopt;
}

std::optional<int> check_weight(const Value& value) {
  const auto weight = integer_between(-kHeaviest, kHeaviest)(value);
  if (weight == 0) {
    value.error("0 would change nothing; leave weight out for a check whose failure means FAULT");
    return std::nullopt;
  }
  return weight;
}

std::optional<std::map<std::string, unsigned>> backends(const Value& value) {
  auto table = value.table();
  if (!table) {
    return std::nullopt;
  }
  std::map<std::string, unsigned> result;
  for (const std::string& backend : table->keys()) {
    unsigned servers = 0;
    if (!is_proxy_name(backend)) {
      table->error(fmt::format("{} cannot be the name of a backend", in_quotes(backend)));
    } else if (table->read(backend, servers, integer_between(1U, 65535U))) {
      result.emplace(backend, servers);
    }
  }
  return result;
}

void read_haproxy_keys(Table& table, Check& check, const Config& config) {
  if (config.haproxy.mode == HaproxyMode::None) {
    table.find("type")->error("needs a watched HAProxy, but haproxy.mode is \"none\"");
  }
  table.read("frontends", check.haproxy.frontends, list_of(proxy_name, 0, kMostProxies));
  table.read("backends", check.haproxy.backends, backends);
}

void read_tcp_keys(Table& table, Check& check, const Config& config) {
  if (const auto proxied = table.find("send_proxy"); proxied && proxied->boolean() == true) {
    proxied->error("true is not supported yet");
  }
  if (!table.require("target", check.target, endpoint)) {
    return;
  }
  const auto twin = std::ranges::find_if(config.checks, [&](const Check& other) {
    return other.type == CheckType::Tcp && other.target.address == check.target.address &&
           other.target.port == check.target.port;
  });
  if (twin != config.checks.end()) {
    table.find("target")->warning(fmt::format("also the target of check \"{}\"", twin->name));
  }
}

/// Refuses what belongs to another type. Of an unknown type, nothing can be said.
void read_type_keys(Table& table, Check& check, bool type_known, const Config& config) {
  if (type_known && check.type == CheckType::Haproxy) {
    read_haproxy_keys(table, check, config);
  } else if (type_known) {
    read_tcp_keys(table, check, config);
  }
  for (const auto& [key, type] : kTypeKeys) {
    const bool foreign = type_known && type != to_string(check.type);
    if (const auto value = table.find(key); value && foreign) {
      value->error(fmt::format("only checks of type \"{}\" have it", type));
    }
  }
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
    if (config.haproxy.mode == HaproxyMode::Attached) {
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
    read_type_keys(table, check, type_known, *config_);
    if (check.name == kBuiltInCheck) {
      check_built_in(table, check, type_known);
    } else {
      table.read("weight", check.weight, check_weight);
    }
    if (named && claim_name(table, check.name)) {
      add(std::move(check));
    }
  }

 private:
  bool claim_name(Table& table, const std::string& name) {
    const Value value = *table.find("name");
    const auto [first, fresh] = lines_.emplace(name, value.position().line);
    if (!fresh) {
      value.error(fmt::format("\"{}\" is also the check of line {}", name, first->second));
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
  std::map<std::string, unsigned> lines_;
};

}  // namespace

void read_checks(Table& file, Config& config) {
  CheckReader reader(config);
  file.sections("check", [&](Table& table) { reader.read(table); });
}

}  // namespace haguard::conf
