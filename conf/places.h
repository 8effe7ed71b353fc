#pragma once
// Where the tables and values of haguard.toml stand, for whoever finds a problem after it was read.

#include <map>
#include <string>
#include <utility>

namespace haguard::conf {

/// Counted from 1; line 0 = the file as a whole.
struct Place {
  std::string file;
  unsigned line = 0;
  unsigned column = 0;

  /// "peer.toml:7"
  [[nodiscard]] std::string to_string() const;
};

class Places {
 public:
  void add(std::string what, Place place) {
    places_.insert_or_assign(std::move(what), std::move(place));
  }
  void name_file(std::string file) { whole_.file = std::move(file); }

  [[nodiscard]] const std::string& file() const { return whole_.file; }
  /// Of a value in a section, such as "haproxy.reload", or else of the section.
  [[nodiscard]] Place of_setting(const std::string& section, const std::string& key) const;
  /// Of a value of an instance: there, in [vrrp], or else the head of the instance.
  [[nodiscard]] Place of_instance(const std::string& name, const std::string& key) const;
  /// Of a value of a check, or else the head of the check.
  [[nodiscard]] Place of_check(const std::string& name, const std::string& key) const;

 private:
  [[nodiscard]] const Place* find(const std::string& what) const;

  std::map<std::string, Place>
      places_;  ///< "instance/edge", "instance/edge/priority", "vrrp/version"
  Place whole_;
};

}  // namespace haguard::conf
