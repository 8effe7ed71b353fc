#pragma once
// Where the tables and values of haguard.toml and of the files that it includes stand, for whoever
// finds a problem after they were read.

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

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
  /// The one that may include others comes first.
  void name_files(std::vector<std::string> files) { files_ = std::move(files); }

  [[nodiscard]] const std::string& file() const { return files_.front(); }
  /// From 0 in the order in which the files are read; their number for a file that is not among
  /// them.
  [[nodiscard]] std::size_t rank(const std::string& file) const;
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
  std::vector<std::string> files_ = {""};
};

}  // namespace haguard::conf
