#pragma once
// Collects what is wrong with a configuration while it is read, so that every problem is told and
// not only the first.

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conf/parse.h"
#include "conf/places.h"

namespace haguard::conf {

class Report {
 public:
  /// `file` is the one that may include others. A place without a file is in this one.
  explicit Report(std::string file, Purpose purpose = Purpose::Run)
      : files_{std::move(file)}, purpose_(purpose) {}

  /// One more that is read.
  void add_file(std::string file) { files_.push_back(std::move(file)); }
  /// Others than root can read this file: `access` says why.
  void expose(const std::string& file, std::string access) { exposed_[file] = std::move(access); }
  /// What expose() was told of the file of this place; empty: nothing.
  [[nodiscard]] std::string exposure(const Place& at) const;

  void error(Place at, std::string message);
  /// Something that the file names is not on this machine.
  void absent(Place at, std::string message);
  void warning(Place at, std::string message);

  /// "vrrp.instance.priority": somebody has asked for that key, whether it is there or not.
  void add_known(std::string key) { known_.insert(std::move(key)); }
  [[nodiscard]] const std::set<std::string>& known() const { return known_; }

  /// In the order in which they are read.
  [[nodiscard]] const std::vector<std::string>& files() const { return files_; }
  [[nodiscard]] bool has_errors() const { return has_errors_; }
  /// All of them, in the order of the files.
  [[nodiscard]] Problems take();

 private:
  void add(Place at, Severity severity, std::string message);

  std::vector<std::string> files_;
  std::set<std::string> known_;
  std::map<std::string, std::string> exposed_;
  Purpose purpose_;
  Problems problems_;
  bool has_errors_ = false;
};

/// The text without control characters, and shortened to `longest` bytes of it: fit for one line of
/// a terminal.
[[nodiscard]] std::string printable(std::string_view text, std::size_t longest = 120);
/// The same in quotes.
[[nodiscard]] std::string in_quotes(std::string_view text);

}  // namespace haguard::conf
