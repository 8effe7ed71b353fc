#include "conf/places.h"

#include <algorithm>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "conf/sections.h"

namespace haguard::conf {
namespace {

class Collector {
 public:
  explicit Collector(Places& places) : places_(places) {}

  void table(const std::string& name, const toml::table& table) {
    add(name, table);
    for (const auto& [key, value] : table) {
      add(fmt::format("{}/{}", name, key.str()), value);
    }
  }

  /// Tables without a name are no problem of anybody who asks by name.
  void tables(const std::string& kind, const toml::node_view<const toml::node>& array) {
    if (const auto* items = array.as_array()) {
      for (const toml::node& item : *items) {
        const auto* one = item.as_table();
        const auto* name = one != nullptr ? one->get_as<std::string>("name") : nullptr;
        if (name != nullptr) {
          table(fmt::format("{}/{}", kind, name->get()), *one);
        }
      }
    }
  }

 private:
  void add(std::string what, const toml::node& node) {
    places_.add(std::move(what), place_of(node.source()));
  }

  Places& places_;
};

}  // namespace

std::string Place::to_string() const {
  return line == 0 ? file : fmt::format("{}:{}", file, line);
}

std::size_t Places::rank(const std::string& file) const {
  return static_cast<std::size_t>(std::ranges::find(files_, file) - files_.begin());
}

const Place* Places::find(const std::string& what) const {
  const auto found = places_.find(what);
  return found == places_.end() ? nullptr : &found->second;
}

Place Places::of_setting(const std::string& section, const std::string& key) const {
  for (const std::string& what : {section + "/" + key, section}) {
    if (const Place* place = find(what)) {
      return *place;
    }
  }
  return {file()};
}

Place Places::of_instance(const std::string& name, const std::string& key) const {
  const std::string head = "instance/" + name;
  for (const std::string& what : {head + "/" + key, "vrrp/" + key, head}) {
    if (const Place* place = find(what)) {
      return *place;
    }
  }
  return {file()};
}

Place Places::of_check(const std::string& name, const std::string& key) const {
  const std::string head = "check/" + name;
  for (const std::string& what : {head + "/" + key, head}) {
    if (const Place* place = find(what)) {
      return *place;
    }
  }
  return {file()};
}

Places places_of(const toml::table& document, std::vector<std::string> files) {
  Places places;
  places.name_files(std::move(files));
  Collector collector(places);
  for (const char* section : {"vrrp", "haproxy", "haproxy.reload", "control", "process"}) {
    if (const auto* table = document.at_path(section).as_table()) {
      collector.table(section, *table);
    }
  }
  collector.tables("instance", document["vrrp"]["instance"]);
  collector.tables("check", document["check"]);
  return places;
}

}  // namespace haguard::conf
