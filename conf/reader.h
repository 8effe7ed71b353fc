#pragma once
// What the sections of the file are read with: values that know their name and position, so that
// every refusal says where, what was expected and what stands there; and tables that remember which
// keys were asked for, so that all others are unknown keys.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <toml++/toml.h>

#include "conf/report.h"

namespace haguard::conf {

class Table;

/// Where a node or key begins. Without a file when the text was parsed without a name.
[[nodiscard]] Place place_of(const toml::source_region& region);

/// One value of the file. Must not outlive the parsed document and the report.
class Value {
 public:
  Value(const toml::node& node, std::string name, Report& report)
      : node_(&node), name_(std::move(name)), report_(&report) {}

  /// The value when it has that type; else the problem is reported and the answer is nothing.
  [[nodiscard]] std::optional<std::string> text(std::string_view expected = "a string") const;
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view expected) const;
  [[nodiscard]] std::optional<bool> boolean() const;
  [[nodiscard]] std::optional<Table> table() const;
  [[nodiscard]] std::optional<std::vector<Value>> items() const;
  [[nodiscard]] bool is_table() const { return node_->is_table(); }
  [[nodiscard]] bool is_array() const { return node_->is_array(); }
  [[nodiscard]] bool is_text(std::string_view text) const;

  /// "<name>: expected <expected>, got <value>"
  void refuse(std::string_view expected) const;
  /// "<name>: <message>"
  void error(std::string_view message) const;
  /// Report::absent
  void absent(std::string_view message) const;
  void warning(std::string_view message) const;
  /// How the file in which it stands can be read by others than root; empty: it cannot.
  [[nodiscard]] std::string exposure() const { return report_->exposure(place()); }
  /// The same value, but no problem shows it.
  [[nodiscard]] Value secret() const;

  [[nodiscard]] Place place() const { return place_of(node_->source()); }
  /// How this value names another place: "line 7", or "peer.toml:7" in another file.
  [[nodiscard]] std::string name_of(const Place& other) const;

 private:
  void refuse_type(std::string_view expected) const;

  const toml::node* node_;
  std::string name_;
  Report* report_;
  bool secret_ = false;
};

/// One table of the file. A `kind` is a function from Value to std::optional: nothing when it has
/// reported a problem (conf/kinds.h).
class Table {
 public:
  /// `name` is empty for the whole document.
  Table(const toml::table& table, std::string name, Report& report)
      : table_(&table), name_(std::move(name)), report_(&report) {}

  /// From here on the key is a known one.
  [[nodiscard]] std::optional<Value> find(std::string_view key);

  /// Leaves `out` alone and returns false when the key is absent or its value is refused.
  template <class T, class Kind>
  bool read(std::string_view key, T& out, const Kind& kind) {
    const auto value = find(key);
    return value && assign(*value, out, kind);
  }

  /// As read, but an absent key is a problem.
  template <class T, class Kind>
  bool require(std::string_view key, T& out, const Kind& kind) {
    const auto value = find(key);
    if (!value) {
      missing(key);
      return false;
    }
    return assign(*value, out, kind);
  }

  /// Hands the table under `key` to `section`, and refuses the keys it did not ask for.
  template <class Section>
  void section(std::string_view key, const Section& section) {
    if (const auto value = find(key)) {
      enter(*value, section);
    }
  }

  /// The same for each table of an array of tables. False when there is none.
  template <class Section>
  bool sections(std::string_view key, const Section& section) {
    const auto tables = elements(key);
    for (const Value& value : tables.value_or(std::vector<Value>{})) {
      enter(value, section);
    }
    return !tables || !tables->empty();
  }

  /// The keys are known, and their values do not matter.
  void ignore(std::string_view key);
  [[nodiscard]] std::vector<std::string> keys() const;

  /// "[[<name>]]: <message>", at the head of the table.
  void error(std::string_view message) const;
  void missing(std::string_view key) const;
  void refuse_unknown_keys() const;

 private:
  template <class T, class Kind>
  static bool assign(const Value& value, T& out, const Kind& kind) {
    auto result = kind(value);
    if (!result) {
      return false;
    }
    out = *std::move(result);
    return true;
  }

  template <class Section>
  static void enter(const Value& value, const Section& section) {
    if (auto table = value.table()) {
      section(*table);
      table->refuse_unknown_keys();
    }
  }

  /// Nothing when something else than an array stands there; that is reported.
  [[nodiscard]] std::optional<std::vector<Value>> elements(std::string_view key);
  [[nodiscard]] std::string name_of(std::string_view key) const;

  const toml::table* table_;
  std::string name_;
  Report* report_;
  std::vector<std::string> known_;
};

}  // namespace haguard::conf
