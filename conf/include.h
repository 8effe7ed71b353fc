#pragma once
// `include`: further files of the configuration, merged into the one that names them.

#include <string>
#include <vector>

#include <toml++/toml.h>

#include "conf/file.h"
#include "conf/report.h"

namespace haguard::conf {

/// Merges the files that `include` names in the order of its entries, those of a pattern sorted by
/// name, and adds them to the report's list of files and their text to `texts`, where those of the
/// document are. Relative names begin at the directory of the report's first file. False when a
/// file could not be merged, so that what seems to be missing may stand there.
[[nodiscard]] bool merge_included(toml::table& document, const FileSource& source, Report& report,
                                  std::vector<std::string>& texts);

}  // namespace haguard::conf
