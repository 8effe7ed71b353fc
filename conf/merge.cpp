#include "conf/merge.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/algorithm/string/join.hpp>
#include <fmt/format.h>

#include "conf/reader.h"

namespace haguard::conf {
namespace {

/// No setting lies deeper, and the stack need not hold what hostile keys nest.
constexpr std::size_t kDeepest = 8;

enum class Shape { Value, Table, Tables };

/// An array in brackets is a value, whatever stands in it: TOML itself does not let [[…]] extend
/// one.
bool has_headers(const toml::array& array) {
  return !array.empty() && std::ranges::all_of(array, [](const toml::node& item) {
    return item.is_table() && !item.as_table()->is_inline();
  });
}

Shape shape_of(const toml::node& node) {
  if (node.is_table()) {
    return Shape::Table;
  }
  return node.is_array() && has_headers(*node.as_array()) ? Shape::Tables : Shape::Value;
}

std::string_view words_for(Shape shape) {
  switch (shape) {
    case Shape::Value:
      return "a value";
    case Shape::Table:
      return "a table";
    case Shape::Tables:
      return "an array of tables";
  }
  return "something else";
}

class Merger {
 public:
  explicit Merger(Report& report) : report_(report) {}

  void join_tables(toml::table& into, toml::table& from) {
    for (auto&& [key, node] : from) {
      path_.emplace_back(key.str());
      if (const auto there = into.find(key.str()); there == into.end()) {
        node.visit([&, &name = key](auto& value) { into.insert(name, std::move(value)); });
      } else {
        join(there->first, there->second, key, node);
      }
      path_.pop_back();
    }
  }

 private:
  void join(const toml::key& first, toml::node& into, const toml::key& second, toml::node& from) {
    const Shape shape = shape_of(from);
    if (const Shape expected = shape_of(into); shape != expected) {
      refuse(second, fmt::format("{} here, but {} in {}", words_for(shape), words_for(expected),
                                 place_of(first.source()).to_string()));
    } else if (shape == Shape::Table && path_.size() < kDeepest) {
      join_tables(*into.as_table(), *from.as_table());
    } else if (shape == Shape::Tables) {
      for (toml::node& item : *from.as_array()) {
        into.as_array()->push_back(std::move(*item.as_table()));
      }
    } else {
      refuse(second, fmt::format("set twice, first in {}", place_of(first.source()).to_string()));
    }
  }

  void refuse(const toml::key& key, std::string_view message) {
    report_.error(place_of(key.source()),
                  fmt::format("{}: {}", printable(boost::algorithm::join(path_, ".")), message));
  }

  Report& report_;
  std::vector<std::string> path_;
};

}  // namespace

void merge(toml::table& into, toml::table&& from, Report& report) {
  Merger(report).join_tables(into, from);
}

}  // namespace haguard::conf
