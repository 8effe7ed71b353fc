#pragma once
// keepalived.conf -> haguard.toml, with everything said that did not survive. `haguard import`
// prints what comes of it.

#include <string>
#include <string_view>
#include <vector>

#include "conf/keepalived/finding.h"
#include "conf/keepalived/source.h"
#include "conf/parse.h"

namespace haguard::conf::keepalived {

struct Imported {
  std::string toml;               ///< to be mended when `problems` has errors
  std::vector<Finding> findings;  ///< about keepalived.conf
  /// What haguard says of `toml`, in the name of `toml_file`. Of programs and users that are not
  /// on this machine it warns: the file may be for another one.
  Problems problems;
  bool has_instance = false;  ///< else it is no configuration of VRRP
  bool has_password = false;

  /// haguard accepts it.
  [[nodiscard]] bool good() const;
};

/// `file` is used in findings and as the base of relative includes. Lines for a host of keepalived
/// ("@proxy-1 …") are those of `host_name` up to its first dot.
[[nodiscard]] Imported import_text(std::string_view text, const std::string& file,
                                   const std::string& toml_file, const std::string& host_name,
                                   const Includer& includer = files_of);

}  // namespace haguard::conf::keepalived
