#include "conf/reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "conf/suggestion.h"

namespace haguard::conf {
namespace {

std::string_view type_of(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::none:
      return "nothing";
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::string:
      return "string";
    case toml::node_type::integer:
      return "integer";
    case toml::node_type::floating_point:
      return "float";
    case toml::node_type::boolean:
      return "boolean";
    case toml::node_type::date:
    case toml::node_type::time:
    case toml::node_type::date_time:
      return "a date or time";
  }
  return "something else";
}

/// The value as people wrote it; empty for what is too large to show.
std::string value_of(const toml::node& node) {
  if (const auto* text = node.as_string()) {
    return in_quotes(text->get());
  }
  if (const auto* integer = node.as_integer()) {
    return fmt::format("{}", integer->get());
  }
  if (const auto* number = node.as_floating_point()) {
    return fmt::format("{}", number->get());
  }
  if (const auto* boolean = node.as_boolean()) {
    return boolean->get() ? "true" : "false";
  }
  return {};
}

}  // namespace

Place place_of(const toml::source_region& region) {
  return {region.path ? *region.path : std::string(), region.begin.line, region.begin.column};
}

std::string Value::name_of(const Place& other) const {
  return other.file == place().file ? fmt::format("line {}", other.line) : other.to_string();
}

void Value::error(std::string_view message) const {
  report_->error(place(), fmt::format("{}: {}", name_, message));
}

void Value::absent(std::string_view message) const {
  report_->absent(place(), fmt::format("{}: {}", name_, message));
}

void Value::warning(std::string_view message) const {
  report_->warning(place(), fmt::format("{}: {}", name_, message));
}

bool Value::is_text(std::string_view text) const {
  const auto* string = node_->as_string();
  return string != nullptr && string->get() == text;
}

Value Value::secret() const {
  Value result = *this;
  result.secret_ = true;
  return result;
}

void Value::refuse(std::string_view expected) const {
  if (secret_) {
    error(fmt::format("expected {}", expected));
  } else {
    error(fmt::format("expected {}, got {}", expected, value_of(*node_)));
  }
}

void Value::refuse_type(std::string_view expected) const {
  const std::string value = secret_ ? "" : value_of(*node_);
  error(fmt::format("expected {}, got {}{}{}", expected, type_of(*node_), value.empty() ? "" : " ",
                    value));
}

std::optional<std::string> Value::text(std::string_view expected) const {
  if (const auto* text = node_->as_string()) {
    return text->get();
  }
  refuse_type(expected);
  return std::nullopt;
}

std::optional<std::int64_t> Value::integer(std::string_view expected) const {
  if (const auto* integer = node_->as_integer()) {
    return integer->get();
  }
  refuse_type(expected);
  return std::nullopt;
}

std::optional<bool> Value::boolean() const {
  if (const auto* boolean = node_->as_boolean()) {
    return boolean->get();
  }
  refuse_type("true or false");
  return std::nullopt;
}

std::optional<Table> Value::table() const {
  if (const auto* table = node_->as_table()) {
    return Table(*table, name_, *report_);
  }
  // The value stays unseen: where a table belongs, somebody may have put a password.
  secret().refuse_type("a table");
  return std::nullopt;
}

std::optional<std::vector<Value>> Value::items() const {
  const auto* array = node_->as_array();
  if (array == nullptr) {
    refuse_type("an array");
    return std::nullopt;
  }
  std::vector<Value> result;
  result.reserve(array->size());
  for (const toml::node& item : *array) {
    result.emplace_back(item, name_, *report_);
  }
  return result;
}

std::string Table::name_of(std::string_view key) const {
  return name_.empty() ? std::string(key) : fmt::format("{}.{}", name_, key);
}

void Table::ignore(std::string_view key) {
  known_.emplace_back(key);
  report_->add_known(name_of(key));
}

std::optional<Value> Table::find(std::string_view key) {
  ignore(key);
  const toml::node* node = table_->get(key);
  return node == nullptr ? std::nullopt : std::optional(Value(*node, name_of(key), *report_));
}

std::vector<std::string> Table::keys() const {
  std::vector<std::string> result;
  for (const auto& [key, value] : *table_) {
    result.emplace_back(key.str());
  }
  return result;
}

std::optional<std::vector<Value>> Table::elements(std::string_view key) {
  const auto value = find(key);
  if (!value) {
    return std::vector<Value>{};
  }
  if (value->is_table()) {
    value->error(fmt::format("there may be several, so write [[{}]]", name_of(key)));
    return std::nullopt;
  }
  return value->items();
}

void Table::error(std::string_view message) const {
  report_->error(place_of(table_->source()), fmt::format("{}: {}", name_, message));
}

void Table::missing(std::string_view key) const {
  error(fmt::format("\"{}\" is missing", key));
}

void Table::refuse_unknown_keys() const {
  for (const auto& [key, value] : *table_) {
    if (std::ranges::find(known_, key.str()) == known_.end()) {
      report_->error(place_of(key.source()),
                     fmt::format("{}{}unknown key {}{}", name_, name_.empty() ? "" : ": ",
                                 in_quotes(key.str()), suggestion(key.str(), known_)));
    }
  }
}

}  // namespace haguard::conf
